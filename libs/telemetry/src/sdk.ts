import { context, createContextKey, propagation, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { IdGenerator, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';

/** What the SDK is told of one service. */
export interface SdkOptions {
  readonly service: string;
  readonly version: string;
  /** Deployment environment, as `production`. */
  readonly environment: string;
  /** Other services run in the same process: `OTEL_SERVICE_NAME`, which is one name, does not rename this one. */
  readonly sharesProcess: boolean;
  /** How it traces; undefined: not at all. */
  readonly traces?: {
    readonly sampler: Sampler;
    readonly processor: SpanProcessor;
    readonly idGenerator: IdGenerator;
  };
}

export interface RunningSdk {
  /** Undefined where nothing is traced. */
  readonly tracer: Tracer | undefined;
  /** Exports what is held, for at most some seconds. */
  shutdown(): Promise<void>;
}

export type StartSdk = (options: SdkOptions) => RunningSdk;

export const tracerName = '@bulkhead/telemetry';

/**
 * Gives OpenTelemetry's API a context and W3C's propagation where nothing has yet: they are asked for also where the SDK
 * is switched off, and in tests, which start none.
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
