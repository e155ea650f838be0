import type { RecordedTrace } from '@bulkhead/telemetry/trace-recorder';

export interface TraceView {
  readonly traceId: string;
  readonly name: string;
  /** Service of the first span. */
  readonly service: string;
  /** ms since the Unix epoch. */
  readonly start: number;
  readonly durationMs: number;
  /** Of the first span: when the response was sent, regardless of later work. */
  readonly answeredMs: number;
  readonly failed: boolean;
  readonly status: number | undefined;
  readonly omitted: number;
  /** A tree in display order. */
  readonly spans: readonly SpanView[];
}

export interface SpanView {
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly depth: number;
  /** ms after the start of the trace. */
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly status: number | undefined;
  readonly events: readonly string[];
}

const statusAttribute = 'http.response.status_code';

/** A trace as a waterfall: every span below its parent, siblings in the order of their start. */
export function viewTrace({ traceId, spans, omitted }: RecordedTrace): TraceView {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const isTop = (parent: string | undefined) => parent === undefined || !known.has(parent);
  const byStart = [...spans].sort((one, other) => one.start - other.start);
  const children = Map.groupBy(byStart, ({ parentSpanId }) =>
    isTop(parentSpanId) ? undefined : parentSpanId,
  );
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  const views: SpanView[] = [];
  const add = (parent: string | undefined, depth: number) => {
    for (const span of children.get(parent) ?? []) {
      const status = span.attributes[statusAttribute];
      views.push({
        name: span.name,
        service: span.service,
        kind: span.kind,
        depth,
        offsetMs: span.start - start,
        durationMs: span.end - span.start,
        failed: span.status === 'error',
        status: typeof status === 'number' ? status : undefined,
        events: span.events.map(({ name }) => name),
      });
      add(span.spanId, depth + 1);
    }
  };
  add(undefined, 0);
  const first = views[0];
  return {
    traceId,
    name: first?.name ?? '',
    service: first?.service ?? '',
    start,
    durationMs: end - start,
    answeredMs: first?.durationMs ?? 0,
    failed: views.some(({ failed }) => failed),
    status: first?.status,
    omitted,
    spans: views,
  };
}
