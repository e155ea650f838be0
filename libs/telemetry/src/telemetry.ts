import { getBooleanFromEnv } from '@opentelemetry/core';
import { exportsSpans } from './exports-spans';
import { createLogger, type LogDestination, type Logger, type LogLevel } from './logger';
import { capped, createMetrics, type Metrics } from './metrics';
import type { SpanClock, SpanSink } from './local-trace';
import { logContext } from './log-context';
import type * as Recording from './recording';
import { collectRuntimeMetrics } from './runtime-metrics';
import { registerApi, type RunningSdk, type StartSdk } from './sdk';
import type * as SpanExport from './span-export';
import type { TraceRecorder } from './trace-recorder';
import { createTracing, type Tracing } from './trace';

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Exports and writes pending data, for at most a few seconds; never throws. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
  /** Deployment environment, such as `production`. */
  readonly environment: string;
  readonly logLevel: LogLevel;
  readonly traces: TraceSettings;
  /** Default: stdout. In one process all services should share one. */
  readonly logDestination?: LogDestination | undefined;
  /** Metrics of the process (event loop, GC, heap). Default true; in a process with many services only one has them. */
  readonly runtimeMetrics?: boolean;
  /** Other services run in the same process. Default false. */
  readonly sharesProcess?: boolean;
  /** Starts the SDK: `createNodeSdk` in a program. Default: only a tracer provider, if spans are exported. */
  readonly startSdk?: StartSdk | undefined;
}

export interface TraceSettings {
  /** Base URL of an OTLP receiver. Default: the variables of OpenTelemetry; without any, no span is recorded. */
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
  const owner = {};
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
    help: 'Finished spans by outcome.',
    labels: { outcome: ['exported', 'dropped'] },
  });

  const sdk = startTracing(options, {
    onExported: (count) => spans.add({ outcome: 'exported' }, count),
    onDropped: (count) => spans.add({ outcome: 'dropped' }, count),
  });

  const logger = createLogger({
    service,
    level: options.logLevel,
    destination: options.logDestination,
    context: (isTrouble) => logContext(owner, isTrouble),
    onDropped: (count) => droppedFields.add({}, count),
  });
  const tracing = createTracing({
    mode: traces.mode ?? 'head',
    owner,
    tracer: sdk.tracer,
    clock: traces.clock,
  });

  return {
    logger,
    metrics,
    tracing,
    async shutdown() {
      runtime?.stop();
      await sdk.shutdown().catch(() => undefined);
      logger.flush();
    },
  };
}

type SpanCounts = Pick<SpanExport.SpanExportOptions, 'onExported' | 'onDropped'>;

/** Without a destination no span is recorded, and no more of the SDK is loaded than a program starts anyway. */
function startTracing(options: TelemetryOptions, counts: SpanCounts): RunningSdk {
  const { traces, startSdk } = options;
  const sinks: SpanSink[] = [];
  const isDisabled = getBooleanFromEnv('OTEL_SDK_DISABLED') === true;
  if (!isDisabled && traces.recorder) sinks.push(traces.recorder.sinkFor(options.service));
  /* eslint-disable @typescript-eslint/no-require-imports */
  if (!isDisabled && exportsSpans(traces.endpoint)) {
    const { createSpanExport } = require('./span-export') as typeof SpanExport;
    sinks.push(createSpanExport({ endpoint: traces.endpoint, ...counts }));
  }
  const sdkOptions = { ...options, sharesProcess: options.sharesProcess ?? false };
  if (sinks.length > 0) {
    const { startRecording } = require('./recording') as typeof Recording;
    return startRecording({
      ...sdkOptions,
      mode: traces.mode ?? 'head',
      ratio: traces.ratio ?? 0.05,
      slowMs: traces.slowMs ?? 1_000,
      clock: traces.clock,
      sinks,
    });
  }
  /* eslint-enable @typescript-eslint/no-require-imports */
  if (startSdk) {
    const { service, version, environment, sharesProcess } = sdkOptions;
    return startSdk({ service, version, environment, sharesProcess });
  }
  registerApi();
  return { tracer: undefined, shutdown: async () => undefined };
}
