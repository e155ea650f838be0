import type { Metrics } from './metrics';

/** Shows a limit of requests at once; fits the adaptive limit of `libs/resilience`. */
export function watchLimit(
  metrics: Metrics,
  limit: { readonly limit: number; readonly inFlight: number },
): void {
  metrics.gauge({
    name: 'http_server_concurrency_limit',
    help: 'Requests that may run at once, now: found by their latency. Over it, 503.',
    collect: (gauge) => gauge.set({}, limit.limit),
  });
  metrics.gauge({
    name: 'http_server_admitted_requests',
    help: 'Requests admitted under the limit that run now.',
    collect: (gauge) => gauge.set({}, limit.inFlight),
  });
}
