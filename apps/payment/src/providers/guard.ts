import { createBulkhead } from '@bulkhead/resilience/bulkhead';
import { createCircuitBreaker } from '@bulkhead/resilience/circuit-breaker';
import type { Clock } from '@bulkhead/resilience/clock';
import { BreakerOpen, BulkheadFull, isCancellation } from '@bulkhead/resilience/errors';
import { type Faults, InjectedFault } from '@bulkhead/resilience/faults';
import { createPolicy, type Policy, type PolicyObserver } from '@bulkhead/resilience/policy';
import type { BreakerSettings } from '@bulkhead/service/runtime/resilience-config';
import { durationBuckets, type Metrics } from '@bulkhead/telemetry/metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { type PaymentProvider, ProviderRefused, ProviderUnavailable } from './provider';

/** A provider behind timeout, circuit breaker and bulkhead. */
export type GuardedProvider = Pick<
  PaymentProvider,
  'name' | 'authorise' | 'capture' | 'void' | 'refund' | 'lookup'
>;

export interface GuardOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Timeout of one call, in ms. */
  readonly timeoutMs: number;
  readonly faults: Faults;
  readonly breakers: BreakerSettings;
  readonly policyObserver: PolicyObserver;
  watchPolicy(policy: Policy): void;
  /** Maximum number of concurrent calls; as many again may wait a second for a slot. */
  readonly concurrency: number;
}

const operations = ['authorise', 'capture', 'void', 'refund', 'lookup'] as const;
const outcomes = ['done', 'refused', 'not-sent', 'unknown'] as const;

/**
 * Nothing is retried here: before an operation is repeated, its outcome is looked up by its caller. Every error is a
 * ProviderRefused, or a ProviderUnavailable that says what may have happened.
 */
export function guardProvider(provider: PaymentProvider, options: GuardOptions): GuardedProvider {
  const { clock, metrics, tracing, faults, timeoutMs, concurrency } = options;
  const breaker = createCircuitBreaker({
    name: 'payment-provider',
    clock,
    ...options.breakers,
    classify: (error) =>
      error instanceof ProviderRefused
        ? 'success'
        : error instanceof BulkheadFull || isCancellation(error)
          ? 'ignored'
          : 'failure',
  });
  const bulkhead = createBulkhead({
    name: 'payment-provider',
    clock,
    maxConcurrent: concurrency,
    maxQueued: concurrency,
    maxWaitMs: 1_000,
  });
  const policy = createPolicy({
    name: 'payment-provider',
    clock,
    breaker,
    bulkhead,
    timeoutMs,
    observer: options.policyObserver,
  });
  options.watchPolicy(policy);
  const calls = metrics.counter({
    name: 'payment_provider_calls_total',
    help: 'Calls to the payment provider by what is known of their outcome.',
    labels: { operation: operations, outcome: outcomes },
  });
  const durations = metrics.histogram({
    name: 'payment_provider_call_duration_seconds',
    help: 'Duration of calls to the payment provider, waits for a place included.',
    labels: { operation: operations, outcome: outcomes },
    buckets: durationBuckets,
  });
  metrics.gauge({
    name: 'payment_provider_breaker_open',
    help: '1 while the circuit breaker of the payment provider lets nothing through.',
    collect: (gauge) => gauge.set({}, breaker.state === 'open' ? 1 : 0),
  });

  const guarded =
    <Request, Answer>(
      operation: (typeof operations)[number],
      call: (request: Request, signal: AbortSignal) => Promise<Answer>,
    ) =>
    (request: Request, signal: AbortSignal): Promise<Answer> =>
      tracing.span(
        `provider.${operation}`,
        { kind: 'client', attributes: { 'server.address': provider.name } },
        async () => {
          const startedAt = clock.monotonic();
          const done = (outcome: (typeof outcomes)[number]) => {
            calls.add({ operation, outcome });
            durations.observe({ operation, outcome }, (clock.monotonic() - startedAt) / 1_000);
          };
          try {
            const point = { kind: 'provider', name: `${provider.name}.${operation}` } as const;
            const response = await policy.execute(
              (attempt) => faults.around(point, () => call(request, attempt), attempt).catch(asProviders),
              { signal, priority: 'pay' },
            );
            done('done');
            return response;
          } catch (cause) {
            const error = known(cause);
            done(error instanceof ProviderRefused ? 'refused' : error.outcome);
            throw error;
          }
        },
      );

  return {
    name: provider.name,
    authorise: guarded('authorise', provider.authorise),
    capture: guarded('capture', provider.capture),
    void: guarded('void', provider.void),
    refund: guarded('refund', provider.refund),
    lookup: guarded('lookup', provider.lookup),
  };
}

/** An injected fault is indistinguishable from a failure of the provider. */
function asProviders(error: unknown): never {
  throw error instanceof InjectedFault && error.effect === 'decline'
    ? new ProviderRefused(error.code)
    : error;
}

function known(error: unknown): ProviderRefused | ProviderUnavailable {
  if (error instanceof ProviderRefused || error instanceof ProviderUnavailable) return error;
  const notSent = error instanceof BreakerOpen || error instanceof BulkheadFull;
  return new ProviderUnavailable(notSent ? 'not-sent' : 'unknown', { cause: error });
}
