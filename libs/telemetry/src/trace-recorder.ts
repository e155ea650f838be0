import { type Attributes, type HrTime, SpanKind as OtelSpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanSink } from './local-trace';
import type { SpanKind } from './trace';

/** A span for display. Times are ms since the Unix epoch, with fractions. */
export interface RecordedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly attributes: Readonly<Attributes>;
  readonly events: readonly { readonly name: string }[];
  /** Linked spans of other traces. */
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface RecordedTrace {
  readonly traceId: string;
  /** In the order they ended; parents therefore after their children. */
  readonly spans: readonly RecordedSpan[];
  /** Number of spans beyond the limit of a trace. */
  readonly omitted: number;
  /** It contains a span for which slots are reserved. */
  readonly isReserved: boolean;
}

export interface TraceRecorder {
  /** The sink of one service; several may share one recorder, whose traces then span services. */
  sinkFor(service: string): SpanSink;
  /** Newest first. */
  traces(): RecordedTrace[];
}

export interface TraceRecorderOptions {
  /** Default 100. */
  readonly maxTraces?: number;
  /** Spans per trace. Default 200. */
  readonly maxSpans?: number;
  /** Traces with such a span keep half of the slots, however many others there are, and vice versa. */
  readonly reserveFor?: (span: RecordedSpan) => boolean;
}

/** The latest traces in memory, for display without a collector. Bounded in traces and in spans per trace. */
export function createTraceRecorder(options: TraceRecorderOptions = {}): TraceRecorder {
  const { maxTraces = 100, maxSpans = 200, reserveFor = () => false } = options;
  interface Trace extends RecordedTrace {
    spans: RecordedSpan[];
    omitted: number;
    isReserved: boolean;
  }
  // Maps iterate in insertion order, so the first is the oldest.
  const traces = new Map<string, Trace>();
  let reserved = 0;

  const traceOf = (traceId: string) => {
    let trace = traces.get(traceId);
    if (!trace) {
      trace = { traceId, spans: [], omitted: 0, isReserved: false };
      traces.set(traceId, trace);
    }
    return trace;
  };

  /** The oldest of the kind that has more than half of the slots. */
  const forgetOne = () => {
    const isReserved = reserved > maxTraces / 2;
    for (const trace of traces.values()) {
      if (trace.isReserved !== isReserved) continue;
      traces.delete(trace.traceId);
      if (isReserved) reserved -= 1;
      return;
    }
  };

  return {
    sinkFor: (service) => ({
      add(span) {
        const recorded = recordedSpan(service, span);
        const trace = traceOf(recorded.traceId);
        if (!trace.isReserved && reserveFor(recorded)) {
          trace.isReserved = true;
          reserved += 1;
        }
        if (traces.size > maxTraces) forgetOne();
        if (trace.spans.length < maxSpans) trace.spans.push(recorded);
        else trace.omitted++;
      },
      shutdown: () => Promise.resolve(),
    }),
    traces: () => [...traces.values()].reverse().map((trace) => ({ ...trace, spans: [...trace.spans] })),
  };
}

const kinds: Readonly<Record<OtelSpanKind, SpanKind>> = {
  [OtelSpanKind.INTERNAL]: 'internal',
  [OtelSpanKind.SERVER]: 'server',
  [OtelSpanKind.CLIENT]: 'client',
  [OtelSpanKind.PRODUCER]: 'producer',
  [OtelSpanKind.CONSUMER]: 'consumer',
};
const statuses: Readonly<Record<SpanStatusCode, RecordedSpan['status']>> = {
  [SpanStatusCode.UNSET]: 'unset',
  [SpanStatusCode.OK]: 'ok',
  [SpanStatusCode.ERROR]: 'error',
};
const ms = ([seconds, nanoseconds]: HrTime): number => seconds * 1_000 + nanoseconds / 1e6;

function recordedSpan(service: string, span: ReadableSpan): RecordedSpan {
  return {
    service,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    kind: kinds[span.kind],
    start: ms(span.startTime),
    end: ms(span.endTime),
    status: statuses[span.status.code],
    attributes: span.attributes,
    events: span.events,
    links: span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
  };
}
