import { createCallWindow } from './call-window';
import type { Clock } from './clock';
import { BreakerOpen, BulkheadFull, isCancellation } from './errors';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface StateChange {
  readonly breaker: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** What the end of a call says about who was called; 'ignored' says nothing. */
export type Verdict = 'success' | 'failure' | 'ignored';

export interface CircuitBreakerOptions {
  /** Who is called; for errors and metrics. */
  readonly name: string;
  readonly clock: Clock;
  /** Opens when this part of the window's calls failed, 0 to 1. Default 0.5. */
  readonly failureRatio?: number;
  /** Fewer calls than this in the window say nothing. Default 20. */
  readonly minimumCalls?: number;
  /** How far back it looks, in ms. Default 10 000. */
  readonly windowMs?: number;
  /** How long nothing is let through once open, in ms. Default 5000. */
  readonly openMs?: number;
  /** Calls let through when half-open; all must succeed to close it. Default 2. */
  readonly probes?: number;
  /** Default: cancelled by the caller or turned away by a bulkhead → ignored, else failure. */
  readonly classify?: (error: unknown) => Verdict;
}

export interface ExecuteOptions {
  /** May this call be one of the probes of a half-open breaker? Default true. */
  readonly allowProbe?: boolean;
  /** The caller's own: once it has aborted, an error says nothing about who was called. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stops calling what keeps failing (Nygard, Release It!): closed, it counts; open, it refuses at once; half-open, it lets
 * a few probes find out. There are no timers: an open breaker turns half-open when the first call that may probe comes
 * after `openMs`.
 */
export interface CircuitBreaker {
  readonly name: string;
  readonly state: BreakerState;
  /** @throws BreakerOpen without calling `work`; otherwise what `work` throws. */
  execute<T>(work: () => Promise<T>, options?: ExecuteOptions): Promise<T>;
  /** Would `execute` call its work now? Changes nothing. */
  admits(options?: ExecuteOptions): boolean;
  /** The error for a call that is not admitted. */
  rejection(): BreakerOpen;
  /** The listener must not throw. @returns a function that ends the subscription. */
  onStateChange(listener: (change: StateChange) => void): () => void;
}

/** What a refused caller is told to wait at least: a half-open breaker may take a moment to decide. */
const minimumRetryAfterMs = 1000;

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { name, clock, failureRatio = 0.5, minimumCalls = 20, windowMs = 10_000 } = options;
  const { openMs = 5000, probes = 2, classify = classifyByDefault } = options;
  if (!(failureRatio > 0 && failureRatio <= 1)) throw new RangeError('failureRatio must be in (0, 1]');
  if (!(minimumCalls >= 1 && probes >= 1)) throw new RangeError('minimumCalls and probes must be at least 1');
  const window = createCallWindow({ clock, windowMs });
  const listeners = new Set<(change: StateChange) => void>();

  let state: BreakerState = 'closed';
  /** When the present state (or round of probes) began. */
  let since = clock.monotonic();
  /** Grows with every state and round of probes: a call that ends in a later one than it began in decides nothing. */
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
  // A probe that never ends must not keep the breaker half-open for ever: after `openMs` the round is begun anew.
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
