import type { Bulkhead } from './bulkhead';
import type { CircuitBreaker, StateChange } from './circuit-breaker';
import type { Clock } from './clock';
import { type Deadline, noDeadline } from './deadline';
import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from './errors';
import type { Priority } from './priority';
import { retry, type RetrySettings } from './retry';
import { withTimeout } from './timeout';

export interface PolicyOptions {
  /** The dependency; label of its metrics. */
  readonly name: string;
  readonly clock: Clock;
  /** May be shared by several policies that call the same peer, such as one for users and one for recovery. */
  readonly breaker?: CircuitBreaker;
  readonly bulkhead?: Bulkhead;
  readonly retry?: RetrySettings;
  /** Timeout of one attempt, in ms. Default: only the deadline. */
  readonly timeoutMs?: number;
  /** In [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
  readonly observer?: PolicyObserver;
}

export interface PolicyExecuteOptions {
  /** Bounds all attempts, delays and waits together. Default: none. */
  readonly deadline?: Deadline;
  /** The caller's signal: aborting it ends waits and attempts with its reason. */
  readonly signal?: AbortSignal;
  /** Whether the work may be repeated after an unknown outcome. Default false. */
  readonly retryable?: boolean;
  /** Whether this call may probe a half-open breaker. Default true. */
  readonly probe?: boolean;
  /** Priority in the bulkhead's queue. Default 'buy'. */
  readonly priority?: Priority;
}

/** Why work was not attempted, or not attempted again. */
export type RejectionReason = 'breaker' | 'bulkhead' | 'deadline' | 'retry-budget';

/** Observes a policy, for metrics and spans. Its methods must be fast and must not throw. */
export interface PolicyObserver {
  /** One attempt that reached the work has ended. `error` is undefined after a success. */
  attempt?(event: { policy: string; attempt: number; durationMs: number; error?: unknown }): void;
  /** Attempt number `attempt` failed; another follows after `delayMs`. */
  retry?(event: { policy: string; attempt: number; delayMs: number; error: unknown }): void;
  rejected?(event: { policy: string; reason: RejectionReason }): void;
  stateChange?(event: StateChange & { policy: string }): void;
  /** The execution has ended, including waits and delays. `error` is undefined after a success. */
  done?(event: { policy: string; durationMs: number; error?: unknown }): void;
}

export interface Policy {
  readonly name: string;
  readonly breaker: CircuitBreaker | undefined;
  readonly bulkhead: Bulkhead | undefined;
  /**
   * @param work gets a signal that aborts when its attempt is over. It must end then: its slot is given to the next
   *   call.
   * @throws DeadlineExceeded, AttemptTimeout, BreakerOpen, BulkheadFull, the signal's reason, or what `work` throws
   */
  execute<T>(work: (signal: AbortSignal) => Promise<T>, options?: PolicyExecuteOptions): Promise<T>;
}

/**
 * Combines the policies around a call, in the only order that works:
 *
 *     deadline → retry (budget) → breaker's gate → bulkhead → breaker → timeout → work
 *
 * - The deadline bounds everything. It is passed to each policy, so it needs no timer of its own.
 * - Retry is outermost: each attempt needs its own permission and slot, and none is held between attempts.
 * - An open breaker rejects before the bulkhead: calls do not queue for a dependency that is known to fail.
 * - The breaker measures inside the bulkhead: waiting for a slot here says nothing about the peer. A call that was
 *   waiting when the breaker opened is rejected. A timeout is inside the breaker, since it does say something.
 */
export function createPolicy(options: PolicyOptions): Policy {
  const { name, clock, breaker, bulkhead, timeoutMs = Infinity, random, observer } = options;
  breaker?.onStateChange((change) => observer?.stateChange?.({ ...change, policy: name }));

  /** Compared by name, since the work may be a policy itself and pass on another policy's rejection. */
  const refusal = (error: unknown, begun: boolean): RejectionReason | undefined => {
    if (error instanceof BreakerOpen && error.breaker === breaker?.name) return 'breaker';
    if (error instanceof BulkheadFull && error.bulkhead === bulkhead?.name) return 'bulkhead';
    return error instanceof DeadlineExceeded && !begun ? 'deadline' : undefined;
  };

  const timed = async <T>(work: () => Promise<T>, report: (durationMs: number, error?: unknown) => void) => {
    const startedAt = clock.monotonic();
    try {
      const result = await work();
      report(clock.monotonic() - startedAt);
      return result;
    } catch (error) {
      report(clock.monotonic() - startedAt, error);
      throw error;
    }
  };

  return {
    name,
    breaker,
    bulkhead,
    execute(
      work,
      { deadline = noDeadline(clock), signal, retryable = false, probe = true, priority = 'buy' } = {},
    ) {
      let begun = false;

      const timeboxed = () => {
        begun = true;
        const leftMs = deadline.remainingMs();
        const error = () => (leftMs <= timeoutMs ? new DeadlineExceeded() : new AttemptTimeout(timeoutMs));
        return withTimeout(work, { clock, ms: Math.min(timeoutMs, leftMs), error, signal });
      };
      const observed = (attempt: number) =>
        timed(timeboxed, (durationMs, error) =>
          observer?.attempt?.({ policy: name, attempt, durationMs, error }),
        );
      const judged = (attempt: number) =>
        breaker ? breaker.execute(() => observed(attempt), { allowProbe: probe, signal }) : observed(attempt);
      const placed = (attempt: number) =>
        bulkhead ? bulkhead.execute(() => judged(attempt), { deadline, signal, priority }) : judged(attempt);
      const gated = async (attempt: number) => {
        if (breaker && !breaker.admits({ allowProbe: probe })) throw breaker.rejection();
        return placed(attempt);
      };
      const retried = () =>
        retry(gated, {
          ...options.retry,
          ...(!retryable && { attempts: 1 }),
          ...(random && { random }),
          clock,
          deadline,
          signal,
          onRetry: (event) => observer?.retry?.({ policy: name, ...event }),
          onBudgetExhausted: () => observer?.rejected?.({ policy: name, reason: 'retry-budget' }),
        });

      return timed(retried, (durationMs, error) => {
        const reason = refusal(error, begun);
        if (reason) observer?.rejected?.({ policy: name, reason });
        observer?.done?.({ policy: name, durationMs, error });
      });
    },
  };
}
