import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import type { CallOutcome, HttpClientMetrics } from '@bulkhead/telemetry/http-client-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { CallerGone, callerGoneStatus } from '../errors';
import type { ForwardOptions, Upstream } from '../service';
import { outcomeOf, outcomeOfStatus } from './client';

export interface UpstreamObservation {
  readonly tracing: Tracing;
  readonly metrics: HttpClientMetrics;
  readonly clock: Clock;
}

/** Measures proxied requests like calls, and lets the peer continue their span. */
export function observeUpstream(
  peer: ServiceName,
  upstream: Upstream,
  { tracing, metrics, clock }: UpstreamObservation,
): Upstream {
  const operations = new Map<string, ReturnType<typeof describe>>();
  const describe = ({ operationId, method, path }: ForwardOptions['endpoint']) => ({
    name: `${method.toUpperCase()} ${path}`,
    span: {
      kind: 'client' as const,
      attributes: {
        'http.request.method': method.toUpperCase(),
        'url.template': path,
        'server.address': peer,
      },
    },
    observe: metrics.forOperation(peer, operationId),
  });
  const operationOf = (endpoint: ForwardOptions['endpoint']) => {
    const known = operations.get(endpoint.operationId) ?? describe(endpoint);
    operations.set(endpoint.operationId, known);
    return known;
  };
  return {
    forward(request, response, options) {
      const startedAt = clock.monotonic();
      const operation = operationOf(options.endpoint);
      return tracing.span(operation.name, operation.span, async (span) => {
        const done = (outcome: CallOutcome, failed = false) =>
          operation.observe(outcome, (clock.monotonic() - startedAt) / 1000, span.exemplar(failed));
        try {
          Object.assign(options.headers, tracing.inject());
          const status = await upstream.forward(request, response, options);
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) {
            span.setAttribute('error.type', String(status));
            span.setStatus('error');
          }
          done(status === callerGoneStatus ? 'cancelled' : outcomeOfStatus(status));
          return status;
        } catch (error) {
          if (error instanceof CallerGone) span.addEvent('caller gone');
          done(outcomeOf(error), true);
          throw error;
        }
      });
    },
  };
}
