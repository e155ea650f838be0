import { context, createContextKey, propagation, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { IdGenerator, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The SDK's settings for one service. */
export interface SdkOptions {
  readonly service: string;
  readonly version: string;
  /** Deployment environment, such as `production`. */
  readonly environment: string;
  /** Other services run in the same process: `OTEL_SERVICE_NAME`, which is a single name, does not rename this one. */
  readonly sharesProcess: boolean;
  /** Trace settings; undefined disables tracing. */
  readonly traces?: {
    readonly sampler: Sampler;
    readonly processor: SpanProcessor;
    readonly idGenerator: IdGenerator;
  };
}

export interface RunningSdk {
  /** Undefined if nothing is traced. */
  readonly tracer: Tracer | undefined;
  /** Exports pending spans, for at most a few seconds. */
  shutdown(): Promise<void>;
}

export type StartSdk = (options: SdkOptions) => RunningSdk;

export const tracerName = '@bulkhead/telemetry';

/**
 * Registers a context manager and W3C propagation with OpenTelemetry's API unless there are some: both are also needed
 * if the SDK is disabled, and in tests, which start none.
 */
export function registerApi(): void {
  if (!hasContextManager()) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (propagation.fields().length === 0)
    propagation.setGlobalPropagator(
      new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
    );
}

const probe = createContextKey('bulkhead probe');

const hasContextManager = () =>
  context.with(ROOT_CONTEXT.setValue(probe, true), () => context.active().getValue(probe) === true);
