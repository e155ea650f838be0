import { createLogger, type LogDestination, type Logger, type LogLevel } from './logger';
import { capped, createMetrics, type Metrics } from './metrics';
import { createRequestContext, type RequestContext } from './request-context';
import { collectRuntimeMetrics } from './runtime-metrics';
import type { SpanClock, SpanSink } from './span';
import type { TraceRecorder } from './trace-recorder';
import { createSpanExporter } from './span-exporter';
import { createTracing, type Tracing } from './trace';

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** The scope of the running request; shared by logs and traces. */
  readonly context: RequestContext;
  /** Sends and writes what is still held, for at most some seconds; never throws. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
  /** Deployment environment, as `production`. */
  readonly environment: string;
  readonly logLevel: LogLevel;
  readonly traces: TraceSettings;
  /** Default: stdout. In one process all services should share one. */
  readonly logDestination?: LogDestination | undefined;
  /** Metrics of the process (event loop, GC, heap). Default true; in a process of many services only one has them. */
  readonly runtimeMetrics?: boolean;
}

export interface TraceSettings {
  /** Base URL of an OTLP/HTTP receiver. Without it (and without a recorder) the OpenTelemetry SDK is not loaded. */
  readonly endpoint?: string | undefined;
  /** Default 'head'. */
  readonly mode?: 'head' | 'tail' | undefined;
  /** Default 0.05. */
  readonly ratio?: number | undefined;
  /** Default 1,000 ms. */
  readonly slowMs?: number | undefined;
  /** Also keeps the latest traces in memory; may be shared by the services of one process. */
  readonly recorder?: TraceRecorder | undefined;
  readonly clock?: SpanClock | undefined;
}

/** Logs, metrics and traces of one service. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { service, version, environment, traces } = options;
  const context = createRequestContext();
  const metrics = createMetrics({ service });
  const runtime = (options.runtimeMetrics ?? true) ? collectRuntimeMetrics(metrics) : undefined;

  metrics
    .gauge({
      name: 'service_info',
      help: '1, with the version and the deployment environment of the service.',
      labels: { version: capped(1), environment: capped(1) },
    })
    .set({ version, environment }, 1);
  const droppedFields = metrics.counter({
    name: 'log_fields_dropped_total',
    help: 'Fields of log objects that are not on the allow-list.',
  });
  const spans = metrics.counter({
    name: 'trace_spans_total',
    help: 'Finished spans by what became of them.',
    labels: { outcome: ['exported', 'dropped'] },
  });

  const sinks: SpanSink[] = [];
  if (traces.recorder) sinks.push(traces.recorder.sinkFor(service));
  if (traces.endpoint) {
    sinks.push(
      createSpanExporter({
        service,
        version,
        environment,
        endpoint: traces.endpoint,
        onExported: (count) => spans.add({ outcome: 'exported' }, count),
        onDropped: (count) => spans.add({ outcome: 'dropped' }, count),
      }),
    );
  }

  const logger = createLogger({
    service,
    level: options.logLevel,
    destination: options.logDestination,
    context: (isTrouble) => context.log(isTrouble),
    onDropped: (count) => droppedFields.add({}, count),
  });
  const tracing = createTracing({
    mode: traces.mode ?? 'head',
    ratio: traces.ratio ?? 0.05,
    slowMs: traces.slowMs ?? 1_000,
    sinks,
    context,
    clock: traces.clock,
  });

  return {
    logger,
    metrics,
    tracing,
    context,
    async shutdown() {
      runtime?.stop();
      await tracing.shutdown();
      logger.flush();
    },
  };
}
