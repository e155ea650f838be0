import { trace } from '@opentelemetry/api';
import { getBooleanFromEnv, getStringFromEnv } from '@opentelemetry/core';
import type * as Sdk from '@opentelemetry/sdk-node';
import { registerApi, type StartSdk, tracerName } from './sdk';
import { addTracerProvider, detectors, ownResource, spanLimits } from './tracer-provider';

export interface NodeSdkOptions {
  readonly instrumentations?: Sdk.NodeSDKConfiguration['instrumentations'];
}

/**
 * OpenTelemetry's NodeSDK for a process, with the sampler and the span processor of its first service; further services
 * each add a tracer provider. It reads the `OTEL_*` variables. Metrics and logs are the shop's own, so the SDK's only
 * run if `OTEL_METRICS_EXPORTER` or `OTEL_LOGS_EXPORTER` enables them.
 */
export function createNodeSdk({ instrumentations = [] }: NodeSdkOptions = {}): StartSdk {
  let isStarted = false;
  return (options) => {
    if (isStarted) return addTracerProvider(options);
    isStarted = true;
    const { service, version, traces, sharesProcess } = options;
    const isNamed = (name: string) => getStringFromEnv(name) !== undefined;
    // Not an import: what a bundler takes for that is a module for Node.js alone, which a bundle in CommonJS cannot run.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { NodeSDK } = require('@opentelemetry/sdk-node') as typeof Sdk;
    const sdk = new NodeSDK({
      resource: ownResource(options),
      ...(sharesProcess ? { serviceName: service } : {}),
      ...(isNamed('OTEL_NODE_RESOURCE_DETECTORS') ? {} : { resourceDetectors: detectors }),
      ...(isNamed('OTEL_METRICS_EXPORTER') ? {} : { metricReaders: [] }),
      ...(isNamed('OTEL_LOGS_EXPORTER') ? {} : { logRecordProcessors: [] }),
      ...(traces ? { sampler: traces.sampler, idGenerator: traces.idGenerator } : {}),
      spanProcessors: traces ? [traces.processor] : [],
      spanLimits: spanLimits(),
      instrumentations,
    });
    sdk.start();
    if (getBooleanFromEnv('OTEL_SDK_DISABLED')) registerApi();
    return {
      tracer: traces && trace.getTracerProvider().getTracer(tracerName, version),
      shutdown: () => sdk.shutdown(),
    };
  };
}
