import { createCallWindow } from './call-window';
import type { Clock } from './clock';
import { BreakerOpen, BulkheadFull, isCancellation } from './errors';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface StateChange {
  readonly breaker: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** What the outcome of a call says about the dependency; 'ignored' says nothing. */
export type Verdict = 'success' | 'failure' | 'ignored';

export interface CircuitBreakerOptions {
  /** The dependency; for errors and metrics. */
  readonly name: string;
  readonly clock: Clock;
  /** Opens when this share of the window's calls failed, 0 to 1. Default 0.5. */
  readonly failureRatio?: number;
  /** The breaker does not open on fewer calls than this in the window. Default 20. */
  readonly minimumCalls?: number;
  /** Length of the window, in ms. Default 10 000. */
  readonly windowMs?: number;
  /** How long calls are rejected once open, in ms. Default 5000. */
  readonly openMs?: number;
  /** Number of probes when half-open; all must succeed to close it. Default 2. */
  readonly probes?: number;
  /** Default: cancelled by the caller or rejected by a bulkhead → ignored, else failure. */
  readonly classify?: (error: unknown) => Verdict;
}

export interface ExecuteOptions {
  /** May this call be one of the probes of a half-open breaker? Default true. */
  readonly allowProbe?: boolean;
  /** The caller's signal: once it has aborted, an error says nothing about the dependency. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stops calls to a dependency that keeps failing (Nygard, Release It!): closed, it counts outcomes; open, it rejects
 * immediately; half-open, it admits a few probes. There are no timers: an open breaker becomes half-open on the first
 * call that may probe after `openMs`.
 */
export interface CircuitBreaker {
  readonly name: string;
  readonly state: BreakerState;
  /** @throws BreakerOpen without calling `work`; otherwise what `work` throws. */
  execute<T>(work: () => Promise<T>, options?: ExecuteOptions): Promise<T>;
  /** Whether `execute` would call its work now. Has no side effects. */
  admits(options?: ExecuteOptions): boolean;
  /** The error for a call that is not admitted. */
  rejection(): BreakerOpen;
  /** The listener must not throw. @returns a function that unsubscribes. */
  onStateChange(listener: (change: StateChange) => void): () => void;
}

/** Minimum `retryAfterMs` of a rejection: a half-open breaker may need a moment to decide. */
const minimumRetryAfterMs = 1000;

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { name, clock, failureRatio = 0.5, minimumCalls = 20, windowMs = 10_000 } = options;
  const { openMs = 5000, probes = 2, classify = classifyByDefault } = options;
  if (!(failureRatio > 0 && failureRatio <= 1)) throw new RangeError('failureRatio must be in (0, 1]');
  if (!(minimumCalls >= 1 && probes >= 1)) throw new RangeError('minimumCalls and probes must be at least 1');
  const window = createCallWindow({ clock, windowMs });
  const listeners = new Set<(change: StateChange) => void>();

  let state: BreakerState = 'closed';
  /** When the current state (or round of probes) began. */
  let since = clock.monotonic();
  /** Incremented with every state and round of probes: a call that ends in a later one than it began in is ignored. */
  let round = 0;
  let probesOut = 0;
  let probesSucceeded = 0;

  const enter = (to: BreakerState) => {
    const from = state;
    state = to;
    since = clock.monotonic();
    round += 1;
    probesOut = probesSucceeded = 0;
    if (from === to) return;
    if (to === 'closed') window.clear();
    for (const listener of listeners) listener({ breaker: name, from, to });
  };

  const tooManyFailed = () => window.calls >= minimumCalls && window.failures >= failureRatio * window.calls;
  const restedLongEnough = () => clock.monotonic() - since >= openMs;
  const probeFree = () => probesOut + probesSucceeded < probes;
  // A probe that never ends must not keep the breaker half-open forever: after `openMs` a new round begins.
  const mayProbe = () => restedLongEnough() || (state === 'half-open' && probeFree());
  const admits = ({ allowProbe = true }: ExecuteOptions = {}) =>
    state === 'closed' || (allowProbe && mayProbe());

  const beginProbe = () => {
    if (state === 'open' || !probeFree()) enter('half-open');
    probesOut += 1;
  };

  const conclude = (verdict: Verdict, beganIn: number) => {
    if (verdict !== 'ignored') window.record(verdict === 'failure');
    if (beganIn !== round) return;
    if (state === 'closed') {
      if (verdict === 'failure' && tooManyFailed()) enter('open');
    } else if (state === 'half-open') {
      probesOut -= 1;
      if (verdict === 'failure') enter('open');
      else if (verdict === 'success' && ++probesSucceeded >= probes) enter('closed');
    }
  };

  const rejection = () => {
    const restMs = openMs - (clock.monotonic() - since);
    return new BreakerOpen(name, Math.max(minimumRetryAfterMs, Math.ceil(restMs)));
  };

  return {
    name,
    get state() {
      return state;
    },
    async execute(work, executeOptions) {
      if (!admits(executeOptions)) throw rejection();
      if (state !== 'closed') beginProbe();
      const beganIn = round;
      let verdict: Verdict = 'success';
      try {
        return await work();
      } catch (error) {
        verdict = executeOptions?.signal?.aborted ? 'ignored' : classify(error);
        throw error;
      } finally {
        conclude(verdict, beganIn);
      }
    },
    admits,
    rejection,
    onStateChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const classifyByDefault = (error: unknown): Verdict =>
  error instanceof BulkheadFull || isCancellation(error) ? 'ignored' : 'failure';
