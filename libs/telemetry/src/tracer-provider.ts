import { getNumberFromEnv } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { type SpanLimits, TracerProvider } from '@opentelemetry/sdk-trace';
import { registerApi, type SdkOptions, type StartSdk, tracerName } from './sdk';

/** A service's own resource attributes; `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` override them. */
export const ownResource = ({ service, version, environment }: SdkOptions): Resource =>
  defaultResource().merge(
    resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'deployment.environment.name': environment,
    }),
  );

export const detectors: ResourceDetector[] = [envDetector, serviceInstanceIdDetector];

/** Limits of a span, unless the environment sets others. */
export const spanLimits = (): SpanLimits => ({
  attributeCountLimit:
    getNumberFromEnv('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ??
    getNumberFromEnv('OTEL_ATTRIBUTE_COUNT_LIMIT') ??
    64,
  attributeValueLengthLimit:
    getNumberFromEnv('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ??
    getNumberFromEnv('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT') ??
    1_024,
  eventCountLimit: getNumberFromEnv('OTEL_SPAN_EVENT_COUNT_LIMIT') ?? 32,
  linkCountLimit: getNumberFromEnv('OTEL_SPAN_LINK_COUNT_LIMIT') ?? 16,
});

/** The SDK without NodeSDK: for tests, most of which export nothing. */
export const startTracerProvider: StartSdk = (options) => {
  registerApi();
  return addTracerProvider(options);
};

/** A tracer provider for one more service of a process: NodeSDK has only one. */
export const addTracerProvider: StartSdk = (options) => {
  if (!options.traces) return { tracer: undefined, shutdown: async () => undefined };
  const { sampler, processor, idGenerator } = options.traces;
  const detected = ownResource(options).merge(detectResources({ detectors }));
  const resource = options.sharesProcess
    ? detected.merge(resourceFromAttributes({ 'service.name': options.service }))
    : detected;
  const provider = new TracerProvider({
    resource,
    sampler,
    idGenerator,
    spanProcessors: [processor],
    spanLimits: spanLimits(),
  });
  return { tracer: provider.getTracer(tracerName, options.version), shutdown: () => provider.shutdown() };
};
