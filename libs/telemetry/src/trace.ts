import type { RequestContext } from './request-context';
import { judgedAfterMs, LocalTrace, Span, type SpanClock, type SpanSink } from './span';
import { formatTraceparent, parseTraceparent, type RemoteParent } from './trace-context';
import { randomTraceIds, sampledByRatio, type TraceIds } from './trace-ids';

export type { RemoteParent } from './trace-context';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';
export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface SpanOptions {
  readonly kind: SpanKind;
  /**
   * The span elsewhere that this one continues; null begins a new trace. Undefined: the current span, or a new trace
   * outside of any. Anything but undefined makes this span a local root: the one that decides about a late export.
   */
  readonly parent?: RemoteParent | null | undefined;
  readonly links?: readonly RemoteParent[] | undefined;
  /**
   * When a parent that was stored, or sent with a message, was made (ms since the Unix epoch). In tail mode one older
   * than `judgedAfterMs` becomes a link, and this span begins a trace: the collector has judged the old one.
   */
  readonly parentMadeAt?: number | undefined;
  /** Has a new trace sampled in head mode whatever its id, as one that continues what a sampled trace began. */
  readonly alwaysSample?: boolean | undefined;
  readonly attributes?: Attributes | undefined;
  /** Sets the request id of everything within, saving an own `RequestContext.run`. */
  readonly requestId?: string | undefined;
}

export interface RecordOptions {
  readonly kind: SpanKind;
  readonly durationMs: number;
  readonly attributes?: Attributes | undefined;
  readonly failed?: boolean | undefined;
}

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** W3C `traceparent`. */
  readonly traceparent: string;
}

/** A span that has not ended. Every method is cheap and silent when the trace is not recorded. */
export interface ActiveSpan {
  readonly context: TraceContext;
  /**
   * The id of its trace, to be shown beside a measurement; undefined where that trace might not be kept. Ask right
   * before the span ends.
   * @param failed the span will end with an error
   */
  exemplar(failed?: boolean): string | undefined;
  /** A better name, as when the route is known. */
  setName(name: string): void;
  setAttribute(key: string, value: AttributeValue): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** Adds an `exception` event (scrubbed) and makes the status `error`. */
  recordError(error: unknown): void;
  setStatus(status: 'ok' | 'error', message?: string): void;
}

export interface Tracing {
  /**
   * Runs `work` in a new span, which ends when `work` returns or its promise settles. A throw is recorded as an error
   * and thrown on.
   */
  span<T>(name: string, options: SpanOptions, work: (span: ActiveSpan) => T): T;
  current(): TraceContext | undefined;
  /** Adds an event to the current span; outside of any it does nothing. */
  addEvent(name: string, attributes?: Attributes): void;
  /**
   * Adds a span for work that is already over, as a child of the current span; outside of any it does nothing.
   * @param durationMs how long ago it began
   */
  record(name: string, options: RecordOptions): void;
  /** The headers that carry the current span to a peer or into a message; undefined outside of any span. */
  inject(): { readonly traceparent: string; readonly tracestate?: string } | undefined;
  /** The caller's span from its headers; undefined when absent or malformed (W3C Trace Context). */
  extract(traceparent: string | undefined, tracestate?: string): RemoteParent | undefined;
  /** Sends what is queued, for at most a few seconds. */
  shutdown(): Promise<void>;
}

export interface TracingOptions {
  /**
   * `head`: a trace is recorded or not from its start, by `ratio`, or as its parent was; an unsampled one that fails or
   * is slow is exported late, as a partial trace. `tail`: all are recorded, and the collector keeps those with an
   * error, those that took longer than `slowMs`, and those with a span that has the attribute `bulkhead.keep`.
   */
  readonly mode: 'head' | 'tail';
  /** Share of traces, 0 … 1, that are sampled (`head`), or to be kept whatever becomes of them (`tail`). */
  readonly ratio: number;
  /** From this duration on (ms) an unsampled trace is exported after all. */
  readonly slowMs: number;
  /** Where finished spans go. None: ids are made and passed on, nothing is recorded. */
  readonly sinks: readonly SpanSink[];
  readonly context: RequestContext;
  readonly clock?: SpanClock | undefined;
  readonly ids?: TraceIds | undefined;
}

const systemClock: SpanClock = { now: () => Date.now(), monotonic: () => performance.now() };

export function createTracing(options: TracingOptions): Tracing {
  const { mode, ratio, slowMs, sinks, context } = options;
  const clock = options.clock ?? systemClock;
  const ids = options.ids ?? randomTraceIds();
  const recording = sinks.length > 0;
  const sink: SpanSink = {
    add: (span) => {
      for (const each of sinks) each.add(span);
    },
    shutdown: async () => {
      await Promise.all(sinks.map((each) => each.shutdown()));
    },
  };
  const settings = { clock, ids, sink, slowMs, recording };

  const begin = (name: string, spanOptions: SpanOptions): Span => {
    const current =
      spanOptions.parent === undefined ? (context.current()?.span as Span | undefined) : undefined;
    if (current) return new Span(current.trace, current, undefined, name, spanOptions);
    const parent = spanOptions.parent ?? undefined;
    const ageMs = parent ? Math.max(0, clock.now() - (spanOptions.parentMadeAt ?? Infinity)) : 0;
    if (parent && mode === 'tail' && ageMs > judgedAfterMs) {
      const links = [parent, ...(spanOptions.links ?? [])];
      return begin(name, { ...spanOptions, parent: null, links });
    }
    const traceId = parent?.traceId ?? ids.traceId();
    const sampled = isSampled(traceId, parent, spanOptions.alwaysSample);
    const chosen = mode === 'head' ? sampled : recording && sampledByRatio(traceId, ratio);
    return new Span(
      new LocalTrace(settings, { traceId, sampled, chosen, tracestate: parent?.tracestate, ageMs }),
      undefined,
      parent,
      name,
      spanOptions,
    );
  };

  const isSampled = (traceId: string, parent: RemoteParent | undefined, always = false): boolean => {
    if (!recording) return parent?.sampled ?? false;
    if (mode === 'tail') return true;
    return parent ? parent.sampled : always || sampledByRatio(traceId, ratio);
  };

  return {
    span(name, spanOptions, work) {
      const span = begin(name, spanOptions);
      const requestId = spanOptions.requestId ?? context.current()?.requestId;
      let result;
      try {
        result = context.enter({ requestId, span }, () => work(span));
      } catch (error) {
        span.fail(error);
        throw error;
      }
      if (isThenable(result)) {
        return result.then(
          (value) => {
            span.end();
            return value;
          },
          (error: unknown) => {
            span.fail(error);
            throw error;
          },
        ) as typeof result;
      }
      span.end();
      return result;
    },
    current: () => (context.current()?.span as Span | undefined)?.context,
    addEvent: (name, attributes) => (context.current()?.span as Span | undefined)?.addEvent(name, attributes),
    record(name, { kind, durationMs, attributes, failed = false }) {
      const current = recording ? (context.current()?.span as Span | undefined) : undefined;
      if (!current?.trace.isWanted()) return;
      const span = new Span(current.trace, current, undefined, name, { kind, attributes }, durationMs);
      if (failed) span.setStatus('error');
      span.end();
    },
    inject() {
      const span = context.current()?.span as Span | undefined;
      if (!span) return undefined;
      const { traceId, tracestate, sampled } = span.trace;
      const traceparent = formatTraceparent(traceId, span.spanId, sampled);
      return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
    },
    extract: parseTraceparent,
    shutdown: () => sink.shutdown(),
  };
}

const isThenable = (result: unknown): result is Promise<unknown> =>
  typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function';
