import { capped, durationBuckets, type Metrics } from './metrics';

const breakerStates = ['closed', 'half-open', 'open'] as const;
type BreakerState = (typeof breakerStates)[number];

const rejectionReasons = ['breaker', 'bulkhead', 'deadline', 'retry-budget'] as const;

/** The outcome of a call to a peer: a response of that class, or none. */
const outcomes = ['2xx', '3xx', '4xx', '5xx', 'timeout', 'refused', 'unavailable', 'cancelled'] as const;
export type CallOutcome = (typeof outcomes)[number];

/** Observes the policies of peers; compatible with the observer of `libs/resilience`. */
export interface PolicyEvents {
  attempt(event: { policy: string; durationMs: number; error?: unknown }): void;
  retry(event: { policy: string }): void;
  rejected(event: { policy: string; reason: (typeof rejectionReasons)[number] }): void;
  stateChange(event: { policy: string; to: BreakerState }): void;
}

/** A policy whose state is read at each scrape; compatible with the policies of `libs/resilience`. */
export interface WatchedPolicy {
  readonly name: string;
  readonly breaker?: { readonly state: BreakerState } | undefined;
  readonly bulkhead?:
    | {
        readonly inFlight: number;
        readonly queued: number;
        readonly maxConcurrent: number;
        readonly maxQueued: number;
      }
    | undefined;
  /** Number of retries available now. */
  readonly retryBudget?: { readonly balance: number } | undefined;
}

export interface HttpClientMetrics {
  /** Calls of one operation of a peer, each including all its attempts; created once with the client. */
  forOperation(
    peer: string,
    operation: string,
  ): (outcome: CallOutcome, seconds: number, sampledTraceId?: string) => void;
  readonly policyObserver: PolicyEvents;
  /** Adds the policy's breaker and bulkhead to the metrics. Policies of the same name replace each other. */
  watch(policy: WatchedPolicy): void;
}

export function createHttpClientMetrics(metrics: Metrics): HttpClientMetrics {
  const calls = metrics.histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Duration of calls to peers, retries and waits included.',
    labels: { peer: capped(32), operation: capped(200), outcome: outcomes },
    buckets: durationBuckets,
  });
  const attempts = metrics.histogram({
    name: 'http_client_attempt_duration_seconds',
    help: 'Duration of single attempts that reached the peer.',
    labels: { peer: capped(32), outcome: ['ok', 'error'] },
    buckets: durationBuckets,
  });
  const retries = metrics.counter({
    name: 'http_client_retries_total',
    help: 'Attempts after the first.',
    labels: { peer: capped(32) },
  });
  const rejections = metrics.counter({
    name: 'http_client_rejections_total',
    help: 'Calls, or further attempts, that were not made, by reason.',
    labels: { peer: capped(32), reason: rejectionReasons },
  });
  const changes = metrics.counter({
    name: 'http_client_breaker_changes_total',
    help: 'Changes of circuit breakers by the state entered.',
    labels: { peer: capped(32), state: breakerStates },
  });
  const watched = watchPolicies(metrics);

  return {
    watch(policy) {
      const { name: peer, breaker } = policy;
      if (!watched.has(peer)) {
        retries.declare({ peer });
        for (const reason of rejectionReasons) rejections.declare({ peer, reason });
        for (const state of breaker ? breakerStates : []) changes.declare({ peer, state });
      }
      watched.set(peer, policy);
    },
    forOperation: (peer, operation) => {
      const series = new Map(
        outcomes.map((outcome) => [outcome, calls.series({ peer, operation, outcome })] as const),
      );
      return (outcome, seconds, traceId) => series.get(outcome)?.observe(seconds, traceId);
    },
    policyObserver: {
      attempt: ({ policy, durationMs, error }) =>
        attempts.observe({ peer: policy, outcome: error === undefined ? 'ok' : 'error' }, durationMs / 1_000),
      retry: ({ policy }) => retries.add({ peer: policy }),
      rejected: ({ policy, reason }) => rejections.add({ peer: policy, reason }),
      stateChange: ({ policy, to }) => changes.add({ peer: policy, state: to }),
    },
  };
}

/** Gauges of breakers and bulkheads, read at each scrape. */
function watchPolicies(metrics: Metrics): Map<string, WatchedPolicy> {
  const watched = new Map<string, WatchedPolicy>();
  metrics.gauge({
    name: 'http_client_breaker_state',
    help: '1 for the state that the circuit breaker is in, 0 for the others.',
    labels: { peer: capped(32), state: breakerStates },
    collect(gauge) {
      for (const { name, breaker } of watched.values())
        for (const state of breaker ? breakerStates : [])
          gauge.set({ peer: name, state }, state === breaker?.state ? 1 : 0);
    },
  });
  metrics.gauge({
    name: 'http_client_bulkhead_calls',
    help: 'Calls in the bulkhead, running and waiting.',
    labels: { peer: capped(32), place: ['running', 'waiting'] },
    collect(gauge) {
      for (const { name, bulkhead } of watched.values()) {
        if (!bulkhead) continue;
        gauge.set({ peer: name, place: 'running' }, bulkhead.inFlight);
        gauge.set({ peer: name, place: 'waiting' }, bulkhead.queued);
      }
    },
  });
  metrics.gauge({
    name: 'http_client_bulkhead_limit_calls',
    help: 'Calls that the bulkhead lets run and wait at once.',
    labels: { peer: capped(32), place: ['running', 'waiting'] },
    collect(gauge) {
      for (const { name, bulkhead } of watched.values()) {
        if (!bulkhead) continue;
        gauge.set({ peer: name, place: 'running' }, bulkhead.maxConcurrent);
        gauge.set({ peer: name, place: 'waiting' }, bulkhead.maxQueued);
      }
    },
  });
  metrics.gauge({
    name: 'http_client_retry_budget_retries',
    help: 'Retries that the budget currently allows; at 0 none is made.',
    labels: { peer: capped(32) },
    collect(gauge) {
      for (const { name, retryBudget } of watched.values())
        if (retryBudget) gauge.set({ peer: name }, retryBudget.balance);
    },
  });
  return watched;
}
