import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind as OtelSpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { LocalTrace } from './local-trace';
import { judgedAfterMs, localTraceOf, type SpanClock, systemClock } from './local-trace';
import { alwaysSample, currentScope, isOwnWork, withScope } from './scope';
import { scrubError } from './scrub';
import { randomTraceIds, type TraceIds } from './trace-ids';

/** A remote span: the caller's, that of a message's sender, or a linked one. */
export type RemoteParent = SpanContext;

export const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';
export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;
/** Headers by lower-case names. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface SpanOptions {
  readonly kind: SpanKind;
  /**
   * The remote span that this one continues; null starts a new trace. Undefined: the current span, or a new trace if
   * there is none. Any other value makes this span a local root: the one that decides about a late export.
   */
  readonly parent?: RemoteParent | null | undefined;
  readonly links?: readonly RemoteParent[] | undefined;
  /**
   * When a parent that was stored, or sent with a message, was created (ms since the Unix epoch). In tail mode one
   * older than `judgedAfterMs` becomes a link, and this span starts a trace: the collector has already decided about
   * the old one.
   */
  readonly parentMadeAt?: number | undefined;
  /** Samples a new trace in head mode regardless of its id, since it continues the work of a sampled trace. */
  readonly alwaysSample?: boolean | undefined;
  readonly attributes?: Attributes | undefined;
  /** The request id of all work within. */
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
}

/**
 * An active span: the operations that the shop uses on OpenTelemetry's span, which is `trace.getActiveSpan()` within.
 * Every method is cheap and a no-op if the trace is not recorded.
 */
export interface ActiveSpan {
  readonly context: TraceContext;
  /**
   * The id of its trace, to be attached to a measurement; undefined if that trace might not be kept. Call it right
   * before the span ends.
   * @param failed whether the span will end with an error
   */
  exemplar(failed?: boolean): string | undefined;
  /** Renames the span, for example once the route is known. */
  setName(name: string): void;
  setAttribute(key: string, value: AttributeValue): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** Adds an `exception` event (scrubbed) and sets the status to `error`. */
  recordError(error: unknown): void;
  setStatus(status: 'ok' | 'error', message?: string): void;
}

export interface Tracing {
  /**
   * Runs `work` in a new span, which ends when `work` returns or its promise settles. An exception is recorded as an
   * error and rethrown.
   */
  span<T>(name: string, options: SpanOptions, work: (span: ActiveSpan) => T): T;
  current(): TraceContext | undefined;
  /** Adds an event to the current span; a no-op without one. */
  addEvent(name: string, attributes?: Attributes): void;
  /**
   * Adds a span for work that is already over, as a child of the current span; a no-op without one.
   * @param durationMs how long ago it began
   */
  record(name: string, options: RecordOptions): void;
  /** The headers that propagate the current span to a peer (`OTEL_PROPAGATORS`); undefined without a span. */
  inject(): Record<string, string> | undefined;
  /** The caller's span from its headers; undefined when absent or malformed. */
  extract(headers: Headers): RemoteParent | undefined;
  /** The current span as messages and rows store it, in W3C Trace Context's format; undefined without a span. */
  toTraceparent(): { readonly traceparent: string; readonly tracestate?: string } | undefined;
  /** The span from `toTraceparent`; undefined when absent or malformed. */
  fromTraceparent(traceparent: string | undefined, tracestate?: string): RemoteParent | undefined;
}

export interface TracingOptions {
  /**
   * `head`: whether a trace is recorded is decided at its start, by ratio or by its parent; an unsampled one that fails
   * or is slow is exported late, as a partial trace. `tail`: all are recorded, and the collector keeps those with an
   * error, those that took longer than `slowMs`, and those with a span that has the attribute `bulkhead.keep`.
   */
  readonly mode: 'head' | 'tail';
  /** The service, if several share a process: its work is never part of another service's span. */
  readonly owner?: object;
  /** Of the service's tracer provider. Without one, ids are created and propagated, but nothing is recorded. */
  readonly tracer: Tracer | undefined;
  readonly clock?: SpanClock | undefined;
  readonly ids?: TraceIds | undefined;
}

const w3c = new W3CTraceContextPropagator();
const setter = {
  set: (carrier: Record<string, string>, name: string, value: string) => void (carrier[name] = value),
};
const getter = {
  keys: (carrier: Headers) => Object.keys(carrier),
  get: (carrier: Headers, name: string) => carrier[name],
};
const kinds: Readonly<Record<SpanKind, OtelSpanKind>> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
};

export function createTracing(options: TracingOptions): Tracing {
  const { mode, tracer, owner = {}, clock = systemClock, ids = randomTraceIds() } = options;

  /** The context in which a span is created: its span becomes the parent. */
  const contextFor = (active: Context, options: SpanOptions): Context => {
    const { parent } = options;
    const scope = currentScope(active);
    if (parent === undefined) return isOwnWork(owner, active) ? active : trace.deleteSpan(active);
    if (parent === null) return trace.getSpan(active) ? trace.deleteSpan(active) : active;
    // Created by instrumentation from the same headers: it is between the caller's span and this one.
    if (!scope && trace.getSpanContext(active)?.traceId === parent.traceId) return active;
    return trace.setSpanContext(active, parent);
  };

  const begin = (name: string, options: SpanOptions, around: Context): TracedSpan => {
    const local = localTraceOf(trace.getSpan(around));
    const start = clock.monotonic();
    const origin = local?.origin ?? clock.now() - start;
    if (!tracer) return new TracedSpan(passedOn(around), clock, start);
    const span = tracer.startSpan(
      name,
      {
        kind: kinds[options.kind],
        startTime: origin + start,
        ...(options.attributes && { attributes: options.attributes }),
        ...(options.links && { links: options.links.map((link) => ({ context: link })) }),
      },
      options.alwaysSample ? around.setValue(alwaysSample, true) : around,
    );
    return new TracedSpan(span, clock, start);
  };

  /** Without a tracer the caller's span remains the parent for all outgoing calls. */
  const passedOn = (around: Context): Span =>
    trace.getSpan(around) ??
    trace.wrapSpanContext({
      traceId: ids.generateTraceId(),
      spanId: ids.generateSpanId(),
      traceFlags: TraceFlags.NONE,
    });

  const ageOf = ({ parent, parentMadeAt }: SpanOptions) =>
    parent && parentMadeAt !== undefined ? Math.max(0, clock.now() - parentMadeAt) : 0;

  const carrier = (propagator: Pick<W3CTraceContextPropagator, 'inject'>) => {
    const active = context.active();
    if (!trace.getSpan(active) || !isOwnWork(owner, active)) return undefined;
    const headers: Record<string, string> = {};
    propagator.inject(active, headers, setter);
    return headers;
  };
  const spanIn = (propagator: Pick<W3CTraceContextPropagator, 'extract'>, headers: Headers) =>
    trace.getSpanContext(propagator.extract(ROOT_CONTEXT, headers, getter));

  return {
    span(name, given, work) {
      const active = context.active();
      const ageMs = ageOf(given);
      const isJudged = mode === 'tail' && ageMs > judgedAfterMs;
      const options = isJudged
        ? { ...given, parent: null, links: [given.parent!, ...(given.links ?? [])] }
        : given;
      const around = contextFor(active, options);
      const span = begin(name, options, around);
      if (ageMs > 0 && !isJudged) span.local?.beganBefore(ageMs);
      const scope = currentScope(around);
      const requestId = options.requestId ?? scope?.requestId;
      const within = trace.setSpan(around, span.span);
      const isSame = scope?.owner === owner && scope.requestId === requestId;
      let result;
      try {
        result = context.with(
          isSame ? within : withScope(within, { owner, requestId }),
          work,
          undefined,
          span,
        );
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
    current() {
      const span = isOwnWork(owner) ? trace.getActiveSpan() : undefined;
      return span && contextOf(span);
    },
    addEvent(name, attributes) {
      const span = isOwnWork(owner) ? trace.getActiveSpan() : undefined;
      if (span) addEvent(span, clock, name, attributes);
    },
    record(name, { kind, durationMs, attributes, failed = false }) {
      const active = context.active();
      const local = localTraceOf(trace.getSpan(active));
      if (!tracer || !local?.isWanted() || !isOwnWork(owner, active)) return;
      const end = local.origin + clock.monotonic();
      const span = tracer.startSpan(
        name,
        {
          kind: kinds[kind],
          startTime: end - durationMs,
          ...(attributes && { attributes: attributes }),
        },
        active,
      );
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(end);
    },
    inject: () => carrier(propagation),
    extract: (headers) => spanIn(propagation, headers),
    toTraceparent: () => carrier(w3c) as ReturnType<Tracing['toTraceparent']>,
    fromTraceparent: (traceparent, tracestate) =>
      traceparent === undefined ? undefined : spanIn(w3c, { traceparent, tracestate }),
  };
}

/** An OpenTelemetry span, with its start time and whether it failed. */
class TracedSpan implements ActiveSpan {
  readonly span: Span;
  readonly local: LocalTrace | undefined;
  readonly #clock: SpanClock;
  readonly #start: number;
  #failed = false;

  constructor(span: Span, clock: SpanClock, start: number) {
    this.span = span;
    this.local = localTraceOf(span);
    this.#clock = clock;
    this.#start = start;
  }

  get context(): TraceContext {
    return contextOf(this.span);
  }

  exemplar(failed = false): string | undefined {
    const { local } = this;
    if (!local) return undefined;
    const isWorthIt = () =>
      failed || this.#failed || this.#clock.monotonic() - this.#start >= local.rules.slowMs;
    return local.kept || (local.isOpen() && isWorthIt()) ? this.span.spanContext().traceId : undefined;
  }

  setName(name: string): void {
    if (this.local) this.span.updateName(name);
  }

  setAttribute(key: string, value: AttributeValue): void {
    if (this.#records) this.span.setAttribute(key, value);
  }

  addEvent(name: string, attributes?: Attributes): void {
    addEvent(this.span, this.#clock, name, attributes);
  }

  recordError(error: unknown): void {
    if (!this.#records) return;
    const { name, message, stack } = scrubError(error);
    this.addEvent('exception', {
      'exception.type': name,
      'exception.message': message,
      'exception.stacktrace': stack,
    });
    this.setAttribute('error.type', name);
    this.setStatus('error', message);
  }

  setStatus(status: 'ok' | 'error', message?: string): void {
    if (!this.#records) return;
    this.#failed = status === 'error';
    this.span.setStatus({
      code: status === 'error' ? SpanStatusCode.ERROR : SpanStatusCode.OK,
      ...(message === undefined ? {} : { message }),
    });
  }

  /** Ends the span with the error that its work threw. */
  fail(error: unknown): void {
    this.recordError(error);
    this.end();
  }

  end(): void {
    if (this.local) this.span.end(this.local.origin + this.#clock.monotonic());
  }

  get #records(): boolean {
    return this.local !== undefined && this.span.isRecording();
  }
}

function addEvent(span: Span, clock: SpanClock, name: string, attributes: Attributes = {}): void {
  const local = localTraceOf(span);
  if (local && span.isRecording()) span.addEvent(name, attributes, local.origin + clock.monotonic());
}

function contextOf(span: Span): TraceContext {
  const spanContext = span.spanContext();
  return { traceId: spanContext.traceId, spanId: spanContext.spanId, sampled: isSampled(spanContext) };
}

const isThenable = (result: unknown): result is Promise<unknown> =>
  typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function';
