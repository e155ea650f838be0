import type { Clock } from './clock';
import type { Priority } from './priority';

export interface AdaptiveLimitOptions {
  readonly clock: Clock;
  /** The limit never goes below. Default 20, as in concurrency-limits: fewer are there in any short stall of a slow machine. */
  readonly minLimit?: number;
  /** The limit never goes above. Default 512. */
  readonly maxLimit?: number;
  /** Before anything is known. Default 64, within the two above. */
  readonly initialLimit?: number;
  /** How many times its unloaded latency work may take before the limit shrinks. Default 2. */
  readonly tolerance?: number;
  /** Latency is judged once per window. Default 500 ms. */
  readonly windowMs?: number;
  /** Part of the limit each priority may fill, so that the lowest is shed first. */
  readonly shares?: Readonly<Record<Priority, number>>;
}

/** Gives the place back; calling it again does nothing. */
export type Release = (outcome?: {
  /** It timed out or something behind was overloaded: counts against the limit, whatever its latency. */
  readonly dropped?: boolean;
  /** Its latency says nothing about load: event streams, long polls. */
  readonly ignored?: boolean;
}) => void;

export interface AdaptiveLimit {
  /** Admits a piece of work, or returns undefined at once: answer 503 with `Retry-After`, nothing is queued. */
  tryAcquire(priority: Priority): Release | undefined;
  /** Admitted pieces of work that may run at once, now. */
  readonly limit: number;
  readonly inFlight: number;
}

const defaultShares: Readonly<Record<Priority, number>> = { browse: 0.8, buy: 0.9, pay: 1 };
const minSamples = 10;
/** How much the unloaded latency may rise per window: in one with places free, and in a full one. */
const relearnIdle = 0.1;
const relearnBusy = 0.0005;

/**
 * Finds how much work may run at once by watching its latency: the gradient algorithm of Netflix's concurrency-limits
 * (limit × unloaded/current latency + √limit), with three choices of our own.
 * - Latencies are averaged geometrically, so that one slow endpoint among many does not look like overload.
 * - The unloaded latency is learned from windows with places free; a window at the limit can only lower it (or raise
 *   it very slowly), else a lasting overload would become the new normal.
 * - The share of dropped work shrinks the limit too, for the case that failing is fast.
 */
export function createAdaptiveLimit(options: AdaptiveLimitOptions): AdaptiveLimit {
  const {
    clock,
    minLimit = 20,
    maxLimit = 512,
    tolerance = 2,
    windowMs = 500,
    shares = defaultShares,
  } = options;
  if (!(minLimit >= 1 && maxLimit >= minLimit)) throw new RangeError('needs 1 ≤ minLimit ≤ maxLimit');
  const clamp = (value: number) => Math.min(maxLimit, Math.max(minLimit, value));

  let limit = clamp(options.initialLimit ?? 64);
  let inFlight = 0;
  let unloadedMs: number | undefined;
  let windowStart = clock.monotonic();
  let peak = 0;
  let samples = 0;
  let dropped = 0;
  let logSum = 0;

  const adjust = (now: number) => {
    const latencyMs = Math.exp(logSum / samples);
    const busy = peak >= limit / 2;
    unloadedMs = Math.min(latencyMs, (unloadedMs ?? latencyMs) * (1 + (busy ? relearnBusy : relearnIdle)));
    if (busy) {
      const gradient = Math.min(1, Math.max(0.5, (tolerance * unloadedMs) / latencyMs));
      limit = clamp(limit * gradient * (1 - dropped / samples) + Math.sqrt(limit));
    }
    windowStart = now;
    peak = inFlight;
    samples = dropped = logSum = 0;
  };

  return {
    tryAcquire(priority) {
      if (inFlight >= Math.max(1, Math.floor(limit * shares[priority]))) return undefined;
      inFlight += 1;
      if (inFlight > peak) peak = inFlight;
      const startedAt = clock.monotonic();
      let released = false;
      return (outcome) => {
        if (released) return;
        released = true;
        inFlight -= 1;
        if (outcome?.ignored) return;
        const now = clock.monotonic();
        samples += 1;
        if (outcome?.dropped) dropped += 1;
        logSum += Math.log(Math.max(1, now - startedAt));
        if (samples >= minSamples && now - windowStart >= windowMs) adjust(now);
      };
    },
    get limit() {
      return Math.floor(limit);
    },
    get inFlight() {
      return inFlight;
    },
  };
}
