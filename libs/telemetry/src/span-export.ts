import { diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import type * as Grpc from '@opentelemetry/exporter-trace-otlp-grpc';
import type * as Http from '@opentelemetry/exporter-trace-otlp-http';
import type * as Protobuf from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { SpanSink } from './local-trace';

export interface SpanExportOptions {
  /** Base URL of an OTLP receiver; undefined: `OTEL_EXPORTER_OTLP_ENDPOINT` and related variables. */
  readonly endpoint?: string | undefined;
  /**
   * Maximum number of spans waiting for export or its outcome; further ones are dropped. Default 4,096
   * (`OTEL_BSP_MAX_QUEUE_SIZE`).
   */
  readonly queueLimit?: number;
  /** Default 1,000 ms (`OTEL_BSP_SCHEDULE_DELAY`). */
  readonly intervalMs?: number;
  /** Timeout of one export, including the exporter's own retries. Default 5,000 ms (`OTEL_EXPORTER_OTLP_TIMEOUT`). */
  readonly timeoutMs?: number;
  /** Timeout for exporting queued spans at shutdown. Default 3,000 ms. */
  readonly shutdownMs?: number;
  /**
   * Called with the number of spans that were exported, or dropped because the queue was full or the receiver rejected
   * them.
   */
  readonly onExported?: (count: number) => void;
  readonly onDropped?: (count: number) => void;
}

/**
 * Sends spans to a collector with the SDK's batch processor and exporters. The queue is bounded and nothing waits for
 * it: without a working collector spans are lost and counted, with no other effect.
 */
export function createSpanExport(options: SpanExportOptions): SpanSink & { readonly waiting: () => number } {
  const { shutdownMs = 3_000, onExported, onDropped } = options;
  const queueLimit = getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE') ?? options.queueLimit ?? 4_096;
  let waiting = 0;
  let isClosed = false;
  const drop = (count: number) => {
    if (count > 0) onDropped?.(count);
  };
  const exporter = createExporter(options);
  const counted: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result: ExportResult) => {
        // Spans abandoned at shutdown are already counted.
        const count = Math.min(spans.length, waiting);
        waiting -= count;
        if (result.code === ExportResultCode.SUCCESS) onExported?.(count);
        else drop(count);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: queueLimit,
    maxExportBatchSize: Math.min(getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512, queueLimit),
    scheduledDelayMillis: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY') ?? options.intervalMs ?? 1_000,
    exportTimeoutMillis: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
  });
  return {
    waiting: () => waiting,
    add(span: ReadableSpan) {
      if (isClosed || waiting >= queueLimit) {
        drop(1);
        return;
      }
      waiting += 1;
      batches.onEnd(span);
    },
    async shutdown() {
      if (isClosed) return;
      isClosed = true;
      await within(shutdownMs, batches.shutdown());
      drop(waiting);
      waiting = 0;
    },
  };
}

/**
 * Exporters are loaded only here, and only the one in use: with `require` instead of imports, so that a bundle
 * evaluates none of the others.
 */
function createExporter({ endpoint, timeoutMs = 5_000 }: SpanExportOptions): SpanExporter {
  const named = getStringFromEnv('OTEL_TRACES_EXPORTER') ?? 'otlp';
  if (named === 'console') return new ConsoleSpanExporter();
  if (named !== 'otlp') diag.warn(`OTEL_TRACES_EXPORTER=${named} is not supported; otlp is used.`);
  const isTimed = ['OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'].some(
    (name) => getNumberFromEnv(name) !== undefined,
  );
  const config = { ...(isTimed ? {} : { timeoutMillis: timeoutMs }) };
  // The SDK reads the environment's settings itself, with its own rules for paths.
  const given = endpoint === getStringFromEnv('OTEL_EXPORTER_OTLP_ENDPOINT') ? undefined : endpoint;
  const overHttp = { ...config, ...(given && { url: `${given.replace(/\/+$/, '')}/v1/traces` }) };
  /* eslint-disable @typescript-eslint/no-require-imports */
  switch (otlpProtocol()) {
    case 'grpc': {
      const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc') as typeof Grpc;
      return new OTLPTraceExporter({ ...config, ...(given && { url: given }) });
    }
    case 'http/json': {
      const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http') as typeof Http;
      return new OTLPTraceExporter(overHttp);
    }
    default: {
      const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto') as typeof Protobuf;
      return new OTLPTraceExporter(overHttp);
    }
  }
  /* eslint-enable @typescript-eslint/no-require-imports */
}

const otlpProtocol = () =>
  getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ??
  getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL') ??
  'http/json';

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
