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
  /** Told after a place was given back, which work had for `heldMs`; undefined where that says nothing about load. */
  readonly released?: (heldMs: number | undefined) => void;
}

/** Gives the place back; calling it again does nothing. */
export type Release = (outcome?: {
  /** It timed out or something behind was overloaded: counts against the limit, whatever its latency. */
  readonly dropped?: boolean;
  /** It was refused or broke: that it was quick says nothing about how quick the work is; that it was slow counts. */
  readonly failed?: boolean;
  /** Its latency says nothing about load: event streams, long polls. */
  readonly ignored?: boolean;
}) => void;

export interface AdaptiveLimit {
  /**
   * Admits a piece of work, or returns undefined at once.
   * @param kind what is done, such as an operation: one of a few dozen, whose latency is compared with its own only
   */
  tryAcquire(priority: Priority, kind?: string): Release | undefined;
  /** Admits work over any limit: part of other work that was admitted already, and whose place bounds it. */
  enter(kind?: string): Release;
  /** How long work of a kind takes when nothing else runs, in ms; undefined until it is known. */
  unloadedMs(kind: string): number | undefined;
  /** How many pieces of work may run before one of this priority is refused. */
  placesFor(priority: Priority): number;
  /** Admitted pieces of work that may run at once, now. */
  readonly limit: number;
  readonly inFlight: number;
}

const defaultShares: Readonly<Record<Priority, number>> = { browse: 0.8, buy: 0.9, pay: 1 };
const minSamples = 10;
/** How much the unloaded latency may rise per window: in one with places free, and in a full one. */
const relearnIdle = 0.1;
const relearnBusy = 0.0005;
/** After so many full windows in a row at the minimum, the latency there is taken for the unloaded one. */
const windowsAtMinimum = 5;

/** What is known of one kind of work: since it was last judged, and from before. */
interface Kind {
  unloadedMs: number | undefined;
  samples: number;
  logSum: number;
}

/**
 * Finds how much work may run at once by watching its latency: the gradient algorithm of Netflix's concurrency-limits
 * (limit × unloaded/current latency + √limit), with choices of our own.
 * - Each kind of work is compared with its own unloaded latency, so that more slow work among the quick is no overload.
 *   Shedding the quick first would otherwise make the rest look slower still, and the limit would never recover.
 * - Latencies are averaged geometrically, so that one kind that became slow among many does not look like overload.
 * - The unloaded latency is learned from windows with places free; a window at the limit can only lower it (or raise
 *   it very slowly), else a lasting overload would become the new normal. At the minimum nothing is left to take away:
 *   what work takes there is its unloaded latency (as Envoy's adaptive concurrency has it), so a slower machine is learned.
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

  /** Learns from a kind with samples enough. @returns ln of how many times its unloaded latency it takes */
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
