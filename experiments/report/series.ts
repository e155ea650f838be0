import type { RequestClass, Sample } from '../load/samples';
import { isServed, isShed, quantile } from '../load/samples';

/** A second of one kind of request. Parts are counts. */
export interface Second {
  readonly at: number;
  readonly served: number;
  /** Of the served, those taken to be finished later: 202. */
  readonly later: number;
  readonly shed: number;
  readonly failed: number;
  /** Of the served: being turned away takes no time. */
  readonly p50Ms: number;
  /** The slowest, failed ones included. */
  readonly maxMs: number;
}

/** What happened to those who came in each second. */
export function perSecondOf(samples: readonly Sample[], kind: RequestClass, seconds: number): Second[] {
  const buckets: Sample[][] = Array.from({ length: seconds }, () => []);
  for (const sample of samples)
    if (sample.kind === kind) buckets[Math.min(seconds - 1, Math.floor(sample.at / 1_000))]?.push(sample);
  return buckets.map((bucket, at) => {
    const served = bucket.filter(isServed).length;
    const shed = bucket.filter(isShed).length;
    const latencies = bucket.map(({ latencyMs }) => latencyMs);
    return {
      at,
      served,
      later: bucket.filter(({ status }) => status === 202).length,
      shed,
      failed: bucket.length - served - shed,
      p50Ms: quantile(
        bucket.filter(isServed).map(({ latencyMs }) => latencyMs),
        0.5,
      ),
      maxMs: quantile(latencies, 1),
    };
  });
}
