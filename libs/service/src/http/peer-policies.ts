import { type Bulkhead, createBulkhead } from '@bulkhead/resilience/bulkhead';
import {
  type CircuitBreaker,
  createCircuitBreaker,
  type Verdict,
} from '@bulkhead/resilience/circuit-breaker';
import type { Clock } from '@bulkhead/resilience/clock';
import { AttemptTimeout, BulkheadFull, isCancellation } from '@bulkhead/resilience/errors';
import { createPolicy, type Policy, type PolicyObserver } from '@bulkhead/resilience/policy';
import { createRetryBudget, type RetryBudget } from '@bulkhead/resilience/retry-budget';
import { PeerProblem, PeerUnavailable } from '../errors';

/** What stands between a service and one peer. Both policies share the breaker, the bulkhead and the retry budget. */
export interface PeerPolicies {
  /** For calls that may be repeated after an unknown outcome. */
  readonly repeatable: Policy;
  /** For calls that may be repeated only when the peer certainly has not acted. */
  readonly once: Policy;
  readonly breaker: CircuitBreaker;
  readonly bulkhead: Bulkhead;
  readonly retryBudget: RetryBudget;
  /** Told of what is refused; for who uses the parts by themselves. */
  readonly observer: PolicyObserver;
}

export interface PeerPolicySettings {
  /** Calls to the peer at once. Default 64. */
  readonly maxConcurrent?: number;
  /** Calls waiting for a place. Default 64. */
  readonly maxQueued?: number;
  /** Limit of one attempt, in ms. Default: the deadline of the call. */
  readonly attemptTimeoutMs?: number;
  /** Attempts in all, the first included. Default 3. */
  readonly attempts?: number;
  /** Retries that each first call earns. Default 0.1. */
  readonly retryRatio?: number;
  /** Part of the calls whose failing opens the breaker. Default 0.5. */
  readonly failureRatio?: number;
  /** How long it stays open, in ms. Default 5,000. */
  readonly openMs?: number;
  /** Leaves everything out but the deadline: one attempt, no limit, a breaker that never opens. */
  readonly off?: boolean;
}

const unlimited = 1_000_000;

export function createPeerPolicies(
  peer: string,
  clock: Clock,
  observer: PolicyObserver,
  settings: PeerPolicySettings = {},
): PeerPolicies {
  const { off = false, failureRatio = 0.5, openMs = 5_000, retryRatio = 0.1, attempts = 3 } = settings;
  const breaker = createCircuitBreaker({
    name: peer,
    clock,
    classify: off ? () => 'ignored' : classify,
    failureRatio,
    openMs,
  });
  const bulkhead = createBulkhead({
    name: peer,
    clock,
    maxConcurrent: off ? unlimited : (settings.maxConcurrent ?? 64),
    maxQueued: settings.maxQueued ?? 64,
  });
  const budget = createRetryBudget({ clock, ratio: retryRatio });
  const policy = (isRetryable: (error: unknown) => boolean, observing: PolicyObserver) =>
    createPolicy({
      name: peer,
      clock,
      breaker,
      bulkhead,
      observer: observing,
      retry: { budget, isRetryable, attempts: off ? 1 : attempts },
      ...(settings.attemptTimeoutMs === undefined ? {} : { timeoutMs: settings.attemptTimeoutMs }),
    });
  // One breaker for both: only one of them tells of its changes, or each would count twice.
  const { stateChange: _told, ...rest } = observer;
  return {
    repeatable: policy(isPassing, observer),
    once: policy(hasNotActed, rest),
    breaker,
    bulkhead,
    retryBudget: budget,
    observer,
  };
}

/** An answer, even a refusal, shows a living peer; only faults of its own count against it. */
function classify(error: unknown): Verdict {
  if (error instanceof PeerProblem) return error.slug === 'overloaded' ? 'ignored' : 'failure';
  return isCancellation(error) || error instanceof BulkheadFull ? 'ignored' : 'failure';
}

const passingStatus = new Set([502, 503, 504]);

const isPassing = (error: unknown): boolean =>
  error instanceof PeerUnavailable ||
  error instanceof AttemptTimeout ||
  (error instanceof PeerProblem && passingStatus.has(error.status));

const hasNotActed = (error: unknown): boolean =>
  (error instanceof PeerUnavailable && error.outcome === 'not-sent') ||
  (error instanceof PeerProblem && error.slug === 'overloaded');
