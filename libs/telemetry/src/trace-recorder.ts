import type { FinishedSpan, SpanSink } from './span';

export interface RecordedTrace {
  readonly traceId: string;
  /** In the order they ended; parents therefore after their children. */
  readonly spans: readonly RecordedSpan[];
  /** Spans beyond the limit of a trace. */
  readonly omitted: number;
  /** It has a span for which places are reserved. */
  readonly isReserved: boolean;
}

export type RecordedSpan = FinishedSpan & { readonly service: string };

export interface TraceRecorder {
  /** The sink of one service; several may feed one recorder, whose traces then span services. */
  sinkFor(service: string): SpanSink;
  /** Newest first. */
  traces(): RecordedTrace[];
}

export interface TraceRecorderOptions {
  /** Default 100. */
  readonly maxTraces?: number;
  /** Spans a trace. Default 200. */
  readonly maxSpans?: number;
  /** Traces with such a span keep half of the places, however many others come, and the others keep the other half. */
  readonly reserveFor?: (span: RecordedSpan) => boolean;
}

/** The latest traces in memory, for looking at them where there is no collector. Bounded in traces and spans a trace. */
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

  /** The oldest of those that have more than their half. */
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
        const trace = traceOf(span.traceId);
        const recorded = { ...span, service };
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
