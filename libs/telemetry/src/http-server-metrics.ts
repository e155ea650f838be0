import { capped, durationBuckets, type HistogramSeries, type Metrics } from './metrics';

/**
 * Counts one response.
 * @param status HTTP status of the response; 499 if the client disconnected first
 * @param seconds from the head of the request to the last byte passed to the socket
 * @param sampledTraceId the request's trace as exemplar; only if it is sampled, otherwise the link would be dead
 */
export type ObserveResponse = (status: number, seconds: number, sampledTraceId?: string) => void;

export interface HttpServerMetrics {
  /**
   * Rate, errors and duration of one route; created once with the route.
   * @param template such as `/orders/{orderId}`; never a path from a request
   */
  forRoute(method: string, template: string): ObserveResponse;
  /** Requests in progress. */
  readonly inFlight: { add(amount: number): void };
  /** A request was rejected before its handler. */
  rejected(reason: RejectionReason): void;
  /** A request was started, and its deadline passed before the response. */
  deadlineExceeded(): void;
}

/** Slugs of problems by the reason under which they are counted; others are responses of a handler. */
const reasonOfProblem = {
  overloaded: 'overload',
  'rate-limited': 'rate-limit',
  'request-timeout': 'slow-client',
  'content-too-large': 'too-large',
  'uri-too-long': 'too-large',
  'headers-too-large': 'too-large',
  'malformed-request': 'malformed',
  'unsupported-media-type': 'malformed',
  'invalid-request': 'invalid',
  unauthenticated: 'unauthenticated',
  'invalid-token': 'unauthenticated',
  forbidden: 'forbidden',
  'deadline-exceeded': 'deadline',
  unavailable: 'unavailable',
} as const;
const rejectionReasons = [...new Set(Object.values(reasonOfProblem))];
export type RejectionReason = (typeof reasonOfProblem)[keyof typeof reasonOfProblem];

/** @param slug of a problem that was the response before a handler started */
export const rejectionReason = (slug: string): RejectionReason | undefined =>
  Object.hasOwn(reasonOfProblem, slug) ? reasonOfProblem[slug as keyof typeof reasonOfProblem] : undefined;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof methods)[number];

export function createHttpServerMetrics(metrics: Metrics): HttpServerMetrics {
  const durations = metrics.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of completed requests by route template and status.',
    labels: { method: methods, route: capped(200), status: capped(50) },
    buckets: durationBuckets,
  });
  const rejections = metrics.counter({
    name: 'http_server_rejections_total',
    help: 'Requests rejected before their handler, by reason.',
    labels: { reason: rejectionReasons },
  });
  for (const reason of rejectionReasons) rejections.declare({ reason });
  const overdue = metrics.counter({
    name: 'http_server_deadlines_exceeded_total',
    help: 'Requests whose deadline passed after they had started and before their response.',
  });
  let inFlight = 0;
  metrics.gauge({
    name: 'http_server_requests_in_flight',
    help: 'Requests being handled now.',
    collect: (gauge) => gauge.set({}, inFlight),
  });
  return {
    deadlineExceeded: () => overdue.add({}),
    inFlight: { add: (amount) => void (inFlight += amount) },
    rejected: (reason) => rejections.add({ reason }),
    forRoute(method, template) {
      const byStatus = new Map<number, HistogramSeries>();
      const seriesOf = (status: number) => {
        const series = durations.series({
          // Another method is counted as `other`; the cast only lets it through.
          method: method as Method,
          route: template,
          status: status >= 100 && status <= 599 ? String(status) : 'other',
        });
        if (byStatus.size < 64) byStatus.set(status, series);
        return series;
      };
      return (status, seconds, sampledTraceId) =>
        (byStatus.get(status) ?? seriesOf(status)).observe(seconds, sampledTraceId);
    },
  };
}
