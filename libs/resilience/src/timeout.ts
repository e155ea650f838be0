import type { Clock } from './clock';

export interface TimeoutOptions {
  readonly clock: Clock;
  /** Maximum time the caller waits, in ms; Infinity for no limit. */
  readonly ms: number;
  /** The error that is thrown, and the signal's reason, when the time is over. */
  readonly error: () => Error;
  /** Ends the wait early, with this signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` and stops waiting for it after `ms`. The work's signal aborts at that moment; if the work ignores it, its
 * late result or error is discarded. No timer or listener is left behind.
 * @throws what `error` returns, the outer signal's reason, or what `work` throws
 */
export function withTimeout<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: TimeoutOptions,
): Promise<T> {
  const { clock, ms, error, signal: outer } = options;
  if (outer?.aborted) return Promise.reject(outer.reason as Error);
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const stop = (reason: Error) => {
      settle();
      reject(reason);
      controller.abort(reason);
    };
    const onOuterAbort = () => stop(outer?.reason as Error);
    const timer = ms === Infinity ? undefined : clock.setTimer(() => stop(error()), Math.ceil(ms));
    outer?.addEventListener('abort', onOuterAbort, { once: true });
    const settle = () => {
      timer?.cancel();
      outer?.removeEventListener('abort', onOuterAbort);
    };
    const run = async () => work(controller.signal);
    run().finally(settle).then(resolve, reject);
  });
}

/**
 * The result of work that continues regardless; undefined when it fails or takes longer than `ms`. Infinity waits
 * without a limit.
 */
export function valueWithin<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = ms === Infinity ? undefined : clock.setTimer(() => resolve(undefined), Math.max(0, ms));
    void work.finally(() => timer?.cancel()).then(resolve, () => resolve(undefined));
  });
}
