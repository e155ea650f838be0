import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { exported } from './exported-span';

export interface SpanClock {
  /** ms since the Unix epoch. */
  now(): number;
  /** ms from any origin, never going back. */
  monotonic(): number;
}

export const systemClock: SpanClock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Takes finished spans. `add` never throws and never waits. */
export interface SpanSink {
  add(span: ReadableSpan): void;
  shutdown(): Promise<void>;
}

/** How one service treats its traces. */
export interface TraceRules {
  readonly clock: SpanClock;
  readonly sink: SpanSink;
  /** From this duration on (ms) a trace that is not sampled is exported after all. */
  readonly slowMs: number;
  /** For spans about the trace itself. */
  readonly tracer: Tracer;
}

/**
 * How old (ms) a trace may be for an error, or a long duration, to have it kept by a collector that samples by tail. The
 * collector has to wait longer, by what a request takes and an export: k8s/observability has it wait 30 s.
 */
export const judgedAfterMs = 20_000;

/** Spans of one unsampled trace that are held until its end. */
const heldSpans = 32;

/** What the spans of one trace share within one service: what becomes of them is decided once. */
export class LocalTrace {
  readonly rules: TraceRules;
  readonly root: Span;
  readonly sampled: boolean;
  /** Will it be kept for certain: by the ratio, or because something in it was worth it? */
  kept: boolean;
  /** Adding it to a monotonic time gives the wall-clock time: one clock reading for the whole trace keeps spans in order. */
  readonly origin: number;
  #startedAt: number;
  /** Unsampled only: what has ended, held until the root tells whether it is worth exporting. */
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

  /** The trace began elsewhere, that many ms ago. */
  beganBefore(ageMs: number): void {
    this.#startedAt -= ageMs;
  }

  /** Would an error that is exported now have the trace kept? */
  isOpen(): boolean {
    return this.sampled && this.rules.clock.monotonic() - this.#startedAt < judgedAfterMs;
  }

  /** Would a further span be exported or held? */
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

  /** The whole request is over: worth exporting after all? */
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
    // A span made by the API's global tracer belongs to the service in whose trace it was made.
    const { resource } = this.root as unknown as ReadableSpan;
    this.rules.sink.add(exported(span, resource, more));
  }
}

const localTrace = Symbol('local trace');
type Marked = Span & { [localTrace]?: LocalTrace };

/** @returns undefined where the span is not recorded, or was begun elsewhere */
export const localTraceOf = (span: Span | undefined): LocalTrace | undefined =>
  (span as Marked)?.[localTrace];

export function joinLocalTrace(span: Span, trace: LocalTrace): void {
  (span as Marked)[localTrace] = trace;
}
