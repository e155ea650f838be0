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

/** The policies between a service and one peer. Both share the breaker, the bulkhead and the retry budget. */
export interface PeerPolicies {
  /** For calls that may be repeated after an unknown outcome. */
  readonly repeatable: Policy;
  /** For calls that may be repeated only if the peer certainly has not acted. */
  readonly once: Policy;
  readonly breaker: CircuitBreaker;
  readonly bulkhead: Bulkhead;
  readonly retryBudget: RetryBudget;
  /** Observes rejections; for users of the individual parts. */
  readonly observer: PolicyObserver;
}

export interface PeerPolicySettings {
  /** Maximum number of concurrent calls. Default 64. */
  readonly maxConcurrent?: number;
  /** Maximum number of waiting calls. Default 64. */
  readonly maxQueued?: number;
  /** Timeout of one attempt, in ms. Default: the deadline of the call. */
  readonly attemptTimeoutMs?: number;
  /** Total number of attempts, including the first. Default 3. */
  readonly attempts?: number;
  /** Retries earned by each first attempt. Default 0.1. */
  readonly retryRatio?: number;
  /** Share of failed calls that opens the breaker. Default 0.5. */
  readonly failureRatio?: number;
  /** How long it stays open, in ms. Default 5,000. */
  readonly openMs?: number;
  /** Disables everything except the deadline: one attempt, no limit, a breaker that never opens. */
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
  // One breaker for both: only one policy reports its changes, otherwise each would be counted twice.
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

/** Any response, even a rejection, shows a live peer; only its own faults count against it. */
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
