import { capped, durationBuckets, type HistogramSeries, type Metrics } from './metrics';

/** Rate, errors and duration of one route, by its template. */
export interface RouteMetrics {
  /**
   * @param status HTTP status answered; 499 when the client went away first
   * @param durationMs from the head of the request to the last byte handed to the socket
   * @param sampledTraceId the request's trace, if it is sampled, as exemplar
   */
  observe(status: number, durationMs: number, sampledTraceId?: string): void;
}

export interface HttpServerMetrics {
  /** Series of a route, made once when the route is. `template` as `/orders/{id}`; never a path from a request. */
  route(method: string, template: string): RouteMetrics;
  /** Requests in progress. */
  readonly inFlight: { add(amount: number): void };
  /** A request turned away before its handler. */
  rejected(reason: (typeof rejectionReasons)[number]): void;
}

export const rejectionReasons = [
  'overload',
  'rate-limit',
  'deadline',
  'draining',
  'too-large',
  'malformed',
] as const;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof methods)[number];

export function createHttpServerMetrics(metrics: Metrics): HttpServerMetrics {
  const durations = metrics.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of answered requests by route template and status.',
    labels: { method: methods, route: capped(200), status: capped(40) },
    buckets: durationBuckets,
  });
  const inFlight = metrics
    .gauge({ name: 'http_server_requests_in_flight', help: 'Requests being handled now.' })
    .series({});
  const rejections = metrics.counter({
    name: 'http_server_rejections_total',
    help: 'Requests turned away before their handler, by reason.',
    labels: { reason: rejectionReasons },
  });
  return {
    inFlight,
    rejected: (reason) => rejections.add({ reason }),
    route(method, template) {
      const byStatus = new Map<number, HistogramSeries>();
      return {
        observe(status, durationMs, sampledTraceId) {
          const known = status >= 100 && status <= 599 ? status : 0;
          let series = byStatus.get(known);
          if (!series) {
            series = durations.series({ method: method as Method, route: template, status: String(known) });
            byStatus.set(known, series);
          }
          series.observe(durationMs / 1_000, sampledTraceId);
        },
      };
    },
  };
}
