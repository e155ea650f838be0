import type { FinishedSpan, SpanSink } from './span';

export interface RecordedTrace {
  readonly traceId: string;
  /** In the order they ended; parents therefore after their children. */
  readonly spans: readonly RecordedSpan[];
  /** Spans beyond the limit of a trace. */
  readonly omitted: number;
}

export type RecordedSpan = FinishedSpan & { readonly service: string };

export interface TraceRecorder {
  /** The sink of one service; several may feed one recorder, whose traces then span services. */
  sinkFor(service: string): SpanSink;
  /** Newest first. */
  traces(): RecordedTrace[];
}

/** The latest traces in memory, for looking at them where there is no collector. Bounded in traces and spans a trace. */
export function createTraceRecorder({ maxTraces = 100, maxSpans = 200 } = {}): TraceRecorder {
  // Maps iterate in insertion order, so the first key is the oldest trace.
  const traces = new Map<string, { traceId: string; spans: RecordedSpan[]; omitted: number }>();

  const traceOf = (traceId: string) => {
    let trace = traces.get(traceId);
    if (!trace) {
      trace = { traceId, spans: [], omitted: 0 };
      traces.set(traceId, trace);
      const [oldest] = traces.keys();
      if (traces.size > maxTraces && oldest !== undefined) traces.delete(oldest);
    }
    return trace;
  };

  return {
    sinkFor: (service) => ({
      add(span) {
        const trace = traceOf(span.traceId);
        if (trace.spans.length < maxSpans) trace.spans.push({ ...span, service });
        else trace.omitted++;
      },
      shutdown: () => Promise.resolve(),
    }),
    traces: () => [...traces.values()].reverse().map((trace) => ({ ...trace, spans: [...trace.spans] })),
  };
}
