import type { ScopeSpan } from './request-context';
import { scrub, scrubError } from './scrub';
import type { ActiveSpan, Attributes, AttributeValue, SpanKind, SpanOptions, TraceContext } from './trace';
import { formatTraceparent, type RemoteParent } from './trace-context';
import type { TraceIds } from './trace-ids';

export interface SpanClock {
  /** ms since the Unix epoch. */
  now(): number;
  /** ms from any origin, never going back. */
  monotonic(): number;
}

export interface SpanEvent {
  readonly name: string;
  /** ms since the Unix epoch, with fractions. */
  readonly at: number;
  readonly attributes: Attributes;
}

/** A span that has ended, as sinks get it. Times are ms since the Unix epoch, with fractions. */
export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The parent is in another process, or there is none: the first span of this service in the trace. */
  readonly localRoot: boolean;
  readonly tracestate: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string | undefined;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly RemoteParent[];
}

/** Takes finished spans. `add` never throws and never waits. */
export interface SpanSink {
  add(span: FinishedSpan): void;
  shutdown(): Promise<void>;
}

export interface SpanSettings {
  readonly clock: SpanClock;
  readonly ids: TraceIds;
  readonly sink: SpanSink;
  readonly slowMs: number;
  /** False when there is no sink at all. */
  readonly recording: boolean;
}

/**
 * How old (ms) a trace may be for an error, or a long duration, to have it kept by a collector that samples by tail. The
 * collector has to wait longer, by what a request takes and an export: k8s/observability has it wait 30 s.
 */
export const judgedAfterMs = 20_000;

/** On a span whose trace is to be kept by a collector that samples by tail, whatever else becomes of it. */
const keepAttribute = 'bulkhead.keep';

const limits = { attributes: 64, events: 32, links: 16, textLength: 1_024, keptSpans: 32 };

interface TraceStart {
  readonly traceId: string;
  readonly sampled: boolean;
  readonly chosen: boolean;
  readonly tracestate?: string | undefined;
  /** ms since the span elsewhere that it continues was made. */
  readonly ageMs?: number;
}

/** What the spans of one trace share within this process. */
export class LocalTrace {
  readonly settings: SpanSettings;
  readonly traceId: string;
  readonly sampled: boolean;
  readonly tracestate: string | undefined;
  /** Will it be kept for certain, by the ratio or because something in it was worth it? */
  kept: boolean;
  /** Was it by the ratio? */
  readonly chosen: boolean;
  readonly #startedAt: number;
  /** Adding it to a monotonic time gives wall-clock time: one clock reading for the whole trace keeps spans in order. */
  readonly origin: number;
  /** Unsampled only: what has ended, kept until the local root tells whether it is worth exporting. */
  held: Span[] | undefined;
  fate: 'open' | 'exported' | 'forgotten' = 'open';

  constructor(settings: SpanSettings, { traceId, sampled, chosen, tracestate, ageMs = 0 }: TraceStart) {
    const now = settings.clock.monotonic();
    this.settings = settings;
    this.traceId = traceId;
    this.sampled = sampled;
    this.chosen = chosen;
    this.kept = chosen;
    this.tracestate = tracestate;
    this.#startedAt = now - ageMs;
    this.origin = settings.clock.now() - now;
  }

  /** Would an error that is exported now have the trace kept? */
  isOpen(): boolean {
    const { recording, clock } = this.settings;
    return recording && this.sampled && clock.monotonic() - this.#startedAt < judgedAfterMs;
  }

  /** Would a further span be exported or kept? */
  isWanted(): boolean {
    if (this.sampled || this.fate === 'exported') return true;
    return this.fate === 'open' && (this.held?.length ?? 0) < limits.keptSpans;
  }
}

const none: Attributes = {};

export class Span implements ActiveSpan, ScopeSpan {
  readonly trace: LocalTrace;
  readonly #parent: Span | undefined;
  readonly #remoteParent: RemoteParent | undefined;
  readonly #options: SpanOptions;
  readonly #start: number;
  #name: string;
  #spanId: string | undefined;
  #end = -1;
  #status: FinishedSpan['status'] = 'unset';
  #statusMessage: string | undefined;
  /** What was set besides those of the options, which most unsampled spans never need together. */
  #attributes: Record<string, AttributeValue | undefined> | undefined;
  #events: SpanEvent[] | undefined;

  constructor(
    trace: LocalTrace,
    parent: Span | undefined,
    remoteParent: RemoteParent | undefined,
    name: string,
    options: SpanOptions,
    /** It began that many ms ago. */
    ageMs = 0,
  ) {
    this.trace = trace;
    this.#parent = parent;
    this.#remoteParent = remoteParent;
    this.#name = name;
    this.#options = options;
    this.#start = trace.settings.clock.monotonic() - ageMs;
  }

  get traceId(): string {
    return this.trace.traceId;
  }

  /** Made on first use: most unsampled spans are never asked. Without a sink, the caller's span stays the parent. */
  get spanId(): string {
    return (this.#spanId ??= this.trace.settings.recording
      ? this.trace.settings.ids.spanId()
      : (this.#parent?.spanId ?? this.#remoteParent?.spanId ?? this.trace.settings.ids.spanId()));
  }

  exemplar(failed = false): string | undefined {
    const { trace } = this;
    const isWorthIt = () =>
      failed || this.#status === 'error' || this.#now() - this.#start >= trace.settings.slowMs;
    return trace.kept || (trace.isOpen() && isWorthIt()) ? trace.traceId : undefined;
  }

  isKept(): boolean {
    return this.trace.kept;
  }

  keep(): boolean {
    const { trace } = this;
    if (trace.kept || !trace.isOpen()) return trace.kept;
    trace.kept = true;
    // At once: this span may end long after the trace was judged.
    const note = new Span(trace, this, undefined, 'logged', {
      kind: 'internal',
      attributes: { [keepAttribute]: true },
    });
    note.end();
    return true;
  }

  get context(): TraceContext {
    const { traceId, spanId, trace } = this;
    const { sampled } = trace;
    return { traceId, spanId, sampled, traceparent: formatTraceparent(traceId, spanId, sampled) };
  }

  setName(name: string): void {
    this.#name = name;
  }

  setAttribute(key: string, value: AttributeValue): void {
    if (!this.#records) return;
    (this.#attributes ??= {})[key] = value;
  }

  addEvent(name: string, attributes: Attributes = none): void {
    if (!this.#records) return;
    const events = (this.#events ??= []);
    if (events.length < limits.events) events.push({ name, at: this.#wall(this.#now()), attributes });
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
    if (this.#end >= 0) return;
    this.#status = status;
    this.#statusMessage = message;
  }

  /** Ends the span with the error its work threw. */
  fail(error: unknown): void {
    this.recordError(error);
    this.end();
  }

  end(): void {
    if (this.#end >= 0) return;
    this.#end = this.#now();
    const { trace } = this;
    if (!trace.settings.recording) return;
    if (trace.sampled || trace.fate === 'exported') trace.settings.sink.add(this.#finished(!trace.sampled));
    else if (trace.fate === 'open') {
      if (this.#parent === undefined) this.#endUnsampled();
      else if ((trace.held ??= []).length < limits.keptSpans) trace.held.push(this);
    }
  }

  /** The whole request is over: worth telling after all? */
  #endUnsampled(): void {
    const { trace } = this;
    const failed = this.#status === 'error';
    const held = trace.held;
    trace.held = undefined;
    if (!failed && this.#end - this.#start < trace.settings.slowMs) {
      trace.fate = 'forgotten';
      return;
    }
    trace.fate = 'exported';
    this.#explainPartial(failed ? 'error' : 'slow');
    for (const span of held ?? []) trace.settings.sink.add(span.#finished(true));
    trace.settings.sink.add(this.#finished(true));
  }

  #explainPartial(reason: 'error' | 'slow'): void {
    (this.#attributes ??= {})['bulkhead.partial.reason'] = reason;
  }

  get #records(): boolean {
    return this.#end < 0 && this.trace.settings.recording;
  }

  #now(): number {
    return this.trace.settings.clock.monotonic();
  }

  #wall(monotonic: number): number {
    return this.trace.origin + monotonic;
  }

  #finished(partial: boolean): FinishedSpan {
    const keep = this.#parent === undefined && this.trace.chosen ? { [keepAttribute]: true } : undefined;
    const attributes = bounded({ ...keep, ...this.#options.attributes, ...this.#attributes });
    if (partial) attributes['bulkhead.partial'] = true;
    return {
      traceId: this.trace.traceId,
      spanId: this.spanId,
      parentSpanId: this.#parent?.spanId ?? this.#remoteParent?.spanId,
      localRoot: this.#parent === undefined,
      tracestate: this.trace.tracestate,
      name: this.#name,
      kind: this.#options.kind,
      start: this.#wall(this.#start),
      end: this.#wall(this.#end),
      status: this.#status,
      statusMessage: this.#statusMessage === undefined ? undefined : scrub(this.#statusMessage),
      attributes,
      events: (this.#events ?? []).map((event) => ({ ...event, attributes: bounded(event.attributes) })),
      links: this.#options.links?.slice(0, limits.links) ?? [],
    };
  }
}

/** A copy with at most 64 attributes, texts scrubbed and cut. */
function bounded(attributes: Attributes): Record<string, AttributeValue> {
  const copy: Record<string, AttributeValue> = {};
  let count = 0;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (++count > limits.attributes) break;
    copy[key] = typeof value === 'string' ? scrub(value, limits.textLength) : value;
  }
  return copy;
}
