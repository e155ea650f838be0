import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from '@bulkhead/resilience/errors';
import type { PolicyObserver } from '@bulkhead/resilience/policy';
import type { PolicyEvents } from '@bulkhead/telemetry/http-client-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { PeerProblem, PeerUnavailable } from '../errors';

/** Reports a policy's decisions to metrics, and as events to the span of the call. */
export function observePolicy(metrics: PolicyEvents, tracing: Tracing): PolicyObserver {
  return {
    attempt: (event) => metrics.attempt(event),
    retry(event) {
      metrics.retry(event);
      tracing.addEvent('retry', {
        'bulkhead.attempt': event.attempt,
        'bulkhead.delay_ms': Math.round(event.delayMs),
        'error.type': errorType(event.error),
      });
    },
    rejected(event) {
      metrics.rejected(event);
      tracing.addEvent('refused', { 'bulkhead.peer': event.policy, 'bulkhead.reason': event.reason });
    },
    stateChange(event) {
      metrics.stateChange(event);
      tracing.addEvent('circuit breaker', {
        'bulkhead.peer': event.policy,
        'bulkhead.breaker.from': event.from,
        'bulkhead.breaker.to': event.to,
      });
    },
  };
}

/** A short label: the peer's response, or why there was none. */
function errorType(error: unknown): string {
  if (error instanceof PeerProblem) return String(error.status);
  if (error instanceof PeerUnavailable) return `unavailable (${error.outcome})`;
  if (error instanceof AttemptTimeout || error instanceof DeadlineExceeded) return 'timeout';
  if (error instanceof BreakerOpen || error instanceof BulkheadFull) return 'refused';
  return error instanceof Error ? error.name : typeof error;
}
