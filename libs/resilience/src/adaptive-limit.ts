import type { Clock } from './clock';
import type { Priority } from './priority';

export interface AdaptiveLimitOptions {
  readonly clock: Clock;
  /** Lower bound of the limit. Default 20, as in concurrency-limits: any short stall of a slow machine causes fewer. */
  readonly minLimit?: number;
  /** Upper bound of the limit. Default 512. */
  readonly maxLimit?: number;
  /** Limit before the first measurement. Default 64, clamped to the two above. */
  readonly initialLimit?: number;
  /** Tolerated ratio of latency to unloaded latency before the limit shrinks. Default 2. */
  readonly tolerance?: number;
  /** The limit is adjusted once per window. Default 500 ms. */
  readonly windowMs?: number;
  /** Share of the limit that each priority may use, so that the lowest is shed first. */
  readonly shares?: Readonly<Record<Priority, number>>;
  /** Called after a slot was released; `heldMs` is how long it was held, undefined if that says nothing about load. */
  readonly released?: (heldMs: number | undefined) => void;
}

/** Releases the slot. Idempotent. */
export type Release = (outcome?: {
  /** It timed out or a dependency was overloaded: counts against the limit regardless of latency. */
  readonly dropped?: boolean;
  /**
   * It was rejected or failed. A short duration is ignored, since it says nothing about the latency of the work; a long
   * one counts.
   */
  readonly failed?: boolean;
  /** Its latency says nothing about load: event streams, long polls. */
  readonly ignored?: boolean;
}) => void;

export interface AdaptiveLimit {
  /**
   * Admits a piece of work, or returns undefined immediately.
   * @param kind what is done, such as an operation: one of a few dozen. Latency is only compared within a kind.
   */
  tryAcquire(priority: Priority, kind?: string): Release | undefined;
  /** Admits work regardless of the limit: part of work that was already admitted and whose slot bounds it. */
  enter(kind?: string): Release;
  /** Unloaded latency of this kind of work, in ms; undefined until it is known. */
  unloadedMs(kind: string): number | undefined;
  /** Concurrency at which work of this priority is rejected. */
  placesFor(priority: Priority): number;
  /** Current concurrency limit. */
  readonly limit: number;
  readonly inFlight: number;
}

const defaultShares: Readonly<Record<Priority, number>> = { browse: 0.8, buy: 0.9, pay: 1 };
const minSamples = 10;
/** Maximum increase of the unloaded latency per window: in one with free slots, and in a full one. */
const relearnIdle = 0.1;
const relearnBusy = 0.0005;
/** After this many consecutive full windows at the minimum, the latency there becomes the unloaded latency. */
const windowsAtMinimum = 5;

/** Statistics of one kind of work: of the current window, and from before. */
interface Kind {
  unloadedMs: number | undefined;
  samples: number;
  logSum: number;
}

/**
 * Finds how much work may run concurrently by observing its latency: the gradient algorithm of Netflix's
 * concurrency-limits (limit × unloaded/current latency + √limit), with these changes.
 * - Each kind of work is compared with its own unloaded latency, so that a larger share of slow work is not mistaken
 *   for overload. Shedding the fast work first would otherwise make the rest look slower still, and the limit would
 *   never recover.
 * - Latencies are averaged geometrically, so that one slow kind among many does not look like overload.
 * - The unloaded latency is learned from windows with free slots; a window at the limit can only lower it (or raise it
 *   very slowly), otherwise a lasting overload would become the new baseline. At the minimum the limit cannot shrink
 *   further: the latency there is the unloaded latency (as in Envoy's adaptive concurrency), so a slower machine is
 *   learned.
 * - The share of dropped work also shrinks the limit, in case failures are fast.
 */
export function createAdaptiveLimit(options: AdaptiveLimitOptions): AdaptiveLimit {
  const {
    clock,
    minLimit = 20,
    maxLimit = 512,
    tolerance = 2,
    windowMs = 500,
    shares = defaultShares,
    released,
  } = options;
  if (!(minLimit >= 1 && maxLimit >= minLimit)) throw new RangeError('needs 1 ≤ minLimit ≤ maxLimit');
  const clamp = (value: number) => Math.min(maxLimit, Math.max(minLimit, value));

  let limit = clamp(options.initialLimit ?? 64);
  let inFlight = 0;
  let windowStart = clock.monotonic();
  let peak = 0;
  let samples = 0;
  let dropped = 0;
  let atMinimum = 0;
  const kinds = new Map<string, Kind>();

  const kindOf = (name: string): Kind => {
    let kind = kinds.get(name);
    if (!kind) kinds.set(name, (kind = { unloadedMs: undefined, samples: 0, logSum: 0 }));
    return kind;
  };

  /** Updates one kind that has enough samples. @returns ln of the ratio of its latency to its unloaded latency */
  const judge = (kind: Kind, relearn: number): number => {
    const latencyMs = Math.exp(kind.logSum / kind.samples);
    kind.unloadedMs = Math.min(latencyMs, (kind.unloadedMs ?? latencyMs) * (1 + relearn));
    kind.samples = kind.logSum = 0;
    return Math.log(latencyMs / kind.unloadedMs);
  };

  const adjust = (now: number) => {
    const busy = peak >= limit / 2;
    atMinimum = busy && limit === minLimit ? atMinimum + 1 : 0;
    const relearn = atMinimum >= windowsAtMinimum ? Infinity : busy ? relearnBusy : relearnIdle;
    let judged = 0;
    let logSlower = 0;
    for (const kind of kinds.values()) {
      if (kind.samples < minSamples) continue;
      judged += kind.samples;
      logSlower += kind.samples * judge(kind, relearn);
    }
    if (busy && (judged > 0 || dropped > 0)) {
      const slower = judged > 0 ? Math.exp(logSlower / judged) : 1;
      const gradient = Math.min(1, Math.max(0.5, tolerance / slower));
      limit = clamp(limit * gradient * (1 - dropped / samples) + Math.sqrt(limit));
    }
    windowStart = now;
    peak = inFlight;
    samples = dropped = 0;
  };

  const placesFor = (priority: Priority) => Math.max(1, Math.floor(limit * shares[priority]));

  const learn = (heldMs: number, now: number, kindName: string, outcome: Parameters<Release>[0]) => {
    const kind = kindOf(kindName);
    const quickest = outcome?.failed ? kind.unloadedMs : 1;
    if (quickest === undefined && !outcome?.dropped) return;
    samples += 1;
    if (outcome?.dropped) dropped += 1;
    kind.samples += 1;
    kind.logSum += Math.log(Math.max(quickest ?? 1, heldMs));
    if (samples >= minSamples && now - windowStart >= windowMs) adjust(now);
  };

  const enter = (kindName = ''): Release => {
    inFlight += 1;
    if (inFlight > peak) peak = inFlight;
    const startedAt = clock.monotonic();
    let given = false;
    return (outcome) => {
      if (given) return;
      given = true;
      inFlight -= 1;
      if (outcome?.ignored) return released?.(undefined);
      const now = clock.monotonic();
      learn(now - startedAt, now, kindName, outcome);
      released?.(now - startedAt);
    };
  };

  return {
    tryAcquire: (priority, kindName) => (inFlight < placesFor(priority) ? enter(kindName) : undefined),
    enter,
    unloadedMs: (kindName) => kinds.get(kindName)?.unloadedMs,
    placesFor,
    get limit() {
      return Math.floor(limit);
    },
    get inFlight() {
      return inFlight;
    },
  };
}
