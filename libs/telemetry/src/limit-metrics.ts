import type { Metrics } from './metrics';

/** Shows limits of requests at once, summed up; fits the adaptive limit of `libs/resilience`. */
export function watchLimits(
  metrics: Metrics,
  limits: readonly { readonly limit: number; readonly inFlight: number }[],
): void {
  metrics.gauge({
    name: 'http_server_concurrency_limit',
    help: 'Requests that may run at once, now: found by their latency. Over it, 503.',
    collect: (gauge) =>
      gauge.set(
        {},
        limits.reduce((sum, { limit }) => sum + limit, 0),
      ),
  });
  metrics.gauge({
    name: 'http_server_admitted_requests',
    help: 'Requests admitted under the limit that run now.',
    collect: (gauge) =>
      gauge.set(
        {},
        limits.reduce((sum, { inFlight }) => sum + inFlight, 0),
      ),
  });
}
