import type { Metrics } from './metrics';

const priorities = ['pay', 'buy', 'browse'] as const;
type Priority = (typeof priorities)[number];

const reasons = ['full', 'delay', 'deadline', 'timeout', 'gone'] as const;
type Reason = (typeof reasons)[number];

/** From a few milliseconds of a burst to the longest configurable wait; seconds. */
const waitBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Compatible with the admission queue of `libs/resilience`. */
interface WatchedLimit {
  readonly limit: number;
  readonly inFlight: number;
  queued(priority: Priority): number;
}

export interface LimitMetrics {
  /** Adds a limit and its queue to the metrics, summed with those added before. @returns it */
  watch<L extends WatchedLimit>(limit: L): L;
  /** Observes queues; compatible with the observer of `libs/resilience`. */
  readonly observer: {
    waited(priority: Priority, waitMs: number): void;
    refused(priority: Priority, reason: Reason): void;
  };
}

/** Metrics of concurrency limits and the queues in front of them. */
export function createLimitMetrics(metrics: Metrics): LimitMetrics {
  const limits: WatchedLimit[] = [];
  const sumOf = (value: (limit: WatchedLimit) => number) =>
    limits.reduce((sum, limit) => sum + value(limit), 0);
  metrics.gauge({
    name: 'http_server_concurrency_limit',
    help: 'Current limit of concurrent requests, adjusted by latency. Above it, requests wait or get 503.',
    collect: (gauge) =>
      gauge.set(
        {},
        sumOf(({ limit }) => limit),
      ),
  });
  metrics.gauge({
    name: 'http_server_admitted_requests',
    help: 'Requests admitted under the limit that run now.',
    collect: (gauge) =>
      gauge.set(
        {},
        sumOf(({ inFlight }) => inFlight),
      ),
  });
  metrics.gauge({
    name: 'http_server_queued_requests',
    help: 'Requests in the queue, by priority.',
    labels: { priority: priorities },
    collect: (gauge) => {
      for (const priority of priorities)
        gauge.set(
          { priority },
          sumOf((limit) => limit.queued(priority)),
        );
    },
  });
  const waits = metrics.histogram({
    name: 'http_server_queue_wait_seconds',
    help: 'Queueing time of requests that were admitted from the queue, by priority.',
    labels: { priority: priorities },
    buckets: waitBuckets,
  });
  const refusals = metrics.counter({
    name: 'http_server_queue_refusals_total',
    help: 'Requests that were never run: the queue was full, they would have waited too long or past their deadline, they timed out in the queue, or their client disconnected.',
    labels: { priority: priorities, reason: reasons },
  });
  for (const priority of priorities) {
    waits.declare({ priority });
    for (const reason of reasons) refusals.declare({ priority, reason });
  }
  return {
    watch(limit) {
      limits.push(limit);
      return limit;
    },
    observer: {
      waited: (priority, waitMs) => waits.observe({ priority }, waitMs / 1000),
      refused: (priority, reason) => refusals.add({ priority, reason }),
    },
  };
}
