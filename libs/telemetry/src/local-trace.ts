import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { exported } from './exported-span';

export interface SpanClock {
  /** ms since the Unix epoch. */
  now(): number;
  /** ms from an arbitrary origin, monotonic. */
  monotonic(): number;
}

export const systemClock: SpanClock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Takes finished spans. `add` never throws and never blocks. */
export interface SpanSink {
  add(span: ReadableSpan): void;
  shutdown(): Promise<void>;
}

/** A service's trace settings. */
export interface TraceRules {
  readonly clock: SpanClock;
  readonly sink: SpanSink;
  /** A trace that is not sampled is exported after all from this duration on (ms). */
  readonly slowMs: number;
  /** For spans about the trace itself. */
  readonly tracer: Tracer;
}

/**
 * Maximum age (ms) of a trace for an error, or a long duration, to make a tail-sampling collector keep it. The
 * collector has to wait longer, by the time of a request and an export: k8s/observability makes it wait 30 s.
 */
export const judgedAfterMs = 20_000;

/** Spans of one unsampled trace that are held until its end. */
const heldSpans = 32;

/** Shared by the spans of one trace within one service: their export is decided once. */
export class LocalTrace {
  readonly rules: TraceRules;
  readonly root: Span;
  readonly sampled: boolean;
  /** Whether it will certainly be kept: because of the ratio, or because something in it was worth it. */
  kept: boolean;
  /** Offset from monotonic to wall-clock time: one clock reading for the whole trace keeps spans in order. */
  readonly origin: number;
  #startedAt: number;
  /** Unsampled only: ended spans, held until the root decides whether to export them. */
  #held: ReadableSpan[] | undefined;
  #fate: 'open' | 'exported' | 'forgotten' = 'open';

  constructor(rules: TraceRules, root: Span, sampled: boolean, chosen: boolean) {
    this.rules = rules;
    this.root = root;
    this.sampled = sampled;
    this.kept = chosen;
    this.#startedAt = rules.clock.monotonic();
    this.origin = rules.clock.now() - this.#startedAt;
  }

  /** The trace began elsewhere, this many ms ago. */
  beganBefore(ageMs: number): void {
    this.#startedAt -= ageMs;
  }

  /** Whether an exported error would still make the collector keep the trace. */
  isOpen(): boolean {
    return this.sampled && this.rules.clock.monotonic() - this.#startedAt < judgedAfterMs;
  }

  /** Whether a further span would be exported or held. */
  isWanted(): boolean {
    if (this.sampled || this.#fate === 'exported') return true;
    return this.#fate === 'open' && (this.#held?.length ?? 0) < heldSpans;
  }

  ended(span: ReadableSpan): void {
    if (this.sampled) this.#export(span);
    else if (this.#fate === 'exported') this.#export(span, { 'bulkhead.partial': true });
    else if (this.#fate === 'open') {
      if (span.spanContext() === this.root.spanContext()) this.#end(span);
      else if ((this.#held ??= []).length < heldSpans) this.#held.push(span);
    }
  }

  /** The whole request is over: decides whether it is exported after all. */
  #end(root: ReadableSpan): void {
    const held = this.#held;
    this.#held = undefined;
    const failed = root.status.code === SpanStatusCode.ERROR;
    const [seconds, nanoseconds] = root.duration;
    if (!failed && seconds * 1e3 + nanoseconds / 1e6 < this.rules.slowMs) {
      this.#fate = 'forgotten';
      return;
    }
    this.#fate = 'exported';
    for (const span of held ?? []) this.#export(span, { 'bulkhead.partial': true });
    this.#export(root, { 'bulkhead.partial': true, 'bulkhead.partial.reason': failed ? 'error' : 'slow' });
  }

  #export(span: ReadableSpan, more?: Readonly<Record<string, string | boolean>>): void {
    // A span of the API's global tracer belongs to the service in whose trace it was created.
    const { resource } = this.root as unknown as ReadableSpan;
    this.rules.sink.add(exported(span, resource, more));
  }
}

const localTrace = Symbol('local trace');
type Marked = Span & { [localTrace]?: LocalTrace };

/** @returns undefined if the span is not recorded, or began elsewhere */
export const localTraceOf = (span: Span | undefined): LocalTrace | undefined =>
  (span as Marked)?.[localTrace];

export function joinLocalTrace(span: Span, trace: LocalTrace): void {
  (span as Marked)[localTrace] = trace;
}
