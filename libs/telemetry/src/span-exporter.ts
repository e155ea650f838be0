import type { SpanKind as OtelSpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type * as Exporter from '@opentelemetry/exporter-trace-otlp-http';
import type * as Resources from '@opentelemetry/resources';
import type { FinishedSpan, SpanSink } from './span';
import type { RemoteParent, SpanKind } from './trace';

export interface SpanExporterOptions {
  readonly service: string;
  readonly version?: string | undefined;
  readonly environment?: string | undefined;
  /** Base URL of an OTLP/HTTP receiver, as `http://collector:4318`; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Spans waiting for export; further ones are dropped. Default 4,096. */
  readonly queueLimit?: number;
  /** Default 1,000 ms. */
  readonly intervalMs?: number;
  /** One export, with the exporter's own retries, takes no longer. Default 5,000 ms. */
  readonly timeoutMs?: number;
  /** What is queued at shutdown has this long to leave. Default 3,000 ms. */
  readonly shutdownMs?: number;
  /** Told of spans that were exported, or dropped because the queue was full or the collector did not take them. */
  readonly onExported?: (count: number) => void;
  readonly onDropped?: (count: number) => void;
}

type ReadableSpan = Parameters<Exporter.OTLPTraceExporter['export']>[0][number];
type Resource = ReadableSpan['resource'];

const batchSize = 512;

/**
 * Sends spans to a collector in batches, one at a time. The queue is bounded and nothing waits for it: with a dead
 * collector spans are lost and counted, and that is all.
 */
export function createSpanExporter(
  options: SpanExporterOptions,
): SpanSink & { readonly queued: () => number } {
  const { queueLimit = 4096, intervalMs = 1_000, timeoutMs = 5_000, shutdownMs = 3_000 } = options;
  const otlp = loadOtlp();
  const exporter = new otlp.OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: timeoutMs,
    concurrencyLimit: 2,
  });
  const resource = otlp.resourceFromAttributes({
    'service.name': options.service,
    ...(options.version === undefined ? {} : { 'service.version': options.version }),
    ...(options.environment === undefined ? {} : { 'deployment.environment.name': options.environment }),
  });

  let queue: FinishedSpan[] = [];
  let exporting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const drop = (count: number) => {
    if (count > 0) options.onDropped?.(count);
  };

  const send = (batch: FinishedSpan[]) =>
    new Promise<void>((resolve) => {
      exporter.export(
        batch.map((span) => readable(span, resource)),
        ({ error }) => {
          if (error === undefined) options.onExported?.(batch.length);
          else drop(batch.length);
          resolve();
        },
      );
    });

  const exportNext = () => {
    clearTimeout(timer);
    timer = undefined;
    if (exporting || queue.length === 0) return;
    const batch = queue.length <= batchSize ? queue : queue.slice(0, batchSize);
    queue = queue.length <= batchSize ? [] : queue.slice(batchSize);
    exporting = send(batch)
      .catch(() => drop(batch.length))
      .finally(() => {
        exporting = undefined;
        schedule();
      });
  };

  const schedule = () => {
    if (queue.length >= batchSize || (closed && queue.length > 0)) exportNext();
    else if (queue.length > 0 && !timer) timer = setTimeout(exportNext, intervalMs).unref();
  };

  return {
    queued: () => queue.length,
    add(span) {
      if (closed || queue.length >= queueLimit) {
        drop(1);
        return;
      }
      queue.push(span);
      if (!exporting) schedule();
    },
    async shutdown() {
      if (closed) return;
      closed = true;
      exportNext();
      await within(shutdownMs, async () => {
        while (exporting) await exporting;
        await exporter.shutdown();
      });
      drop(queue.length);
      queue = [];
    },
  };
}

/**
 * Called only where a collector is configured: these packages cost a process 20 MB and 75 ms. A call of `require`, not
 * an import, so that a bundle evaluates them only then.
 */
function loadOtlp() {
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http') as typeof Exporter;
  const { resourceFromAttributes } = require('@opentelemetry/resources') as typeof Resources;
  /* eslint-enable @typescript-eslint/no-require-imports */
  return { OTLPTraceExporter, resourceFromAttributes };
}

async function within(timeoutMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work().catch(() => undefined), limit]);
  clearTimeout(timer);
}

// Numbers of the OpenTelemetry API, which is imported for its types only.
const kinds: Record<SpanKind, OtelSpanKind> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };
const statuses: Record<FinishedSpan['status'], SpanStatusCode> = { unset: 0, ok: 1, error: 2 };
const sampledFlag: TraceFlags = 1;
const scope = { name: '@bulkhead/telemetry' };

function readable(span: FinishedSpan, resource: Resource): ReadableSpan {
  const spanContext = { traceId: span.traceId, spanId: span.spanId, traceFlags: sampledFlag };
  const status = { code: statuses[span.status] };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => spanContext,
    ...(span.parentSpanId === undefined
      ? {}
      : {
          parentSpanContext: {
            traceId: span.traceId,
            spanId: span.parentSpanId,
            traceFlags: sampledFlag,
            isRemote: span.localRoot,
          },
        }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    status: span.statusMessage === undefined ? status : { ...status, message: span.statusMessage },
    attributes: span.attributes,
    links: span.links.map((link) => ({ context: linked(link) })),
    events: span.events.map(({ name, at, attributes }) => ({ name, time: hrTime(at), attributes })),
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const linked = ({ traceId, spanId, sampled }: RemoteParent) => ({
  traceId,
  spanId,
  traceFlags: (sampled ? 1 : 0) as TraceFlags,
  isRemote: true,
});

/** Seconds and nanoseconds, as OpenTelemetry wants time. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.min(Math.round((ms - seconds * 1_000) * 1e6), 999_999_999)];
}
