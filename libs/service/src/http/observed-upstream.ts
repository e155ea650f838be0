import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import type { HttpClientMetrics } from '@bulkhead/telemetry/http-client-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { CallerGone, callerGoneStatus } from '../errors';
import type { Upstream } from '../service';
import { outcomeOf, outcomeOfStatus } from './client';

export interface UpstreamObservation {
  readonly tracing: Tracing;
  readonly metrics: HttpClientMetrics;
  readonly clock: Clock;
}

/** Measures requests that are passed on whole like calls, and lets the peer continue the span that they are made in. */
export function observeUpstream(
  peer: ServiceName,
  upstream: Upstream,
  { tracing, metrics, clock }: UpstreamObservation,
): Upstream {
  const observers = new Map<string, ReturnType<HttpClientMetrics['forOperation']>>();
  const observerOf = (operation: string) => {
    const known = observers.get(operation) ?? metrics.forOperation(peer, operation);
    observers.set(operation, known);
    return known;
  };
  return {
    forward(request, response, options) {
      const { operationId, method, path } = options.endpoint;
      const startedAt = clock.monotonic();
      const attributes = {
        'http.request.method': method.toUpperCase(),
        'url.template': path,
        'server.address': peer,
      };
      return tracing.span(`${method.toUpperCase()} ${path}`, { kind: 'client', attributes }, async (span) => {
        const done = (outcome: Parameters<ReturnType<typeof observerOf>>[0]) =>
          observerOf(operationId)(
            outcome,
            (clock.monotonic() - startedAt) / 1000,
            span.sampled ? span.context.traceId : undefined,
          );
        try {
          const headers = { ...options.headers, ...tracing.inject() };
          const status = await upstream.forward(request, response, { ...options, headers });
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) {
            span.setAttribute('error.type', String(status));
            span.setStatus('error');
          }
          done(status === callerGoneStatus ? 'cancelled' : outcomeOfStatus(status));
          return status;
        } catch (error) {
          if (error instanceof CallerGone) span.addEvent('caller gone');
          done(outcomeOf(error));
          throw error;
        }
      });
    },
  };
}
