import type { Metrics } from '@bulkhead/telemetry/metrics';

export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: Counts;
}

/** Observations since the start, cumulative by upper bound; the last bound is Infinity. */
export interface Counts {
  readonly bounds: readonly number[];
  readonly cumulative: readonly number[];
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** @returns the samples of a metric, empty if there is no such metric */
export async function readSamples({ registry }: Metrics, name: string): Promise<readonly Sample[]> {
  const metric = await registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []) as readonly Sample[];
}

/** @returns every series of a histogram, by its labels */
export async function readHistogram(metrics: Metrics, name: string): Promise<HistogramSeries[]> {
  const series = new Map<
    string,
    { labels: Record<string, string>; bounds: number[]; cumulative: number[] }
  >();
  for (const { metricName, labels, value } of await readSamples(metrics, name)) {
    if (metricName !== `${name}_bucket`) continue;
    const { le, ...own } = labels as Record<string, string | number>;
    const key = JSON.stringify(own);
    let known = series.get(key);
    if (!known) {
      known = { labels: own as Record<string, string>, bounds: [], cumulative: [] };
      series.set(key, known);
    }
    known.bounds.push(le === '+Inf' ? Infinity : Number(le));
    known.cumulative.push(value);
  }
  return [...series.values()].map(({ labels, bounds, cumulative }) => ({
    labels,
    counts: { bounds, cumulative },
  }));
}

export const total = ({ cumulative }: Counts): number => cumulative.at(-1) ?? 0;

/** @returns the observations since `before`; all of them without `before` */
export const since = (now: Counts, before: Counts | undefined): Counts => ({
  bounds: now.bounds,
  cumulative: now.cumulative.map((count, index) => count - (before?.cumulative[index] ?? 0)),
});

export const sum = (all: readonly Counts[]): Counts => ({
  bounds: all[0]?.bounds ?? [],
  cumulative: (all[0]?.bounds ?? []).map((_, index) =>
    all.reduce((together, { cumulative }) => together + (cumulative[index] ?? 0), 0),
  ),
});

/**
 * Like Prometheus' `histogram_quantile`: linear within a bucket, the highest finite bound beyond it.
 * @param quantile 0 … 1
 * @returns in the unit of the bounds; undefined if nothing was observed
 */
export function quantileOf(counts: Counts, quantile: number): number | undefined {
  const { bounds, cumulative } = counts;
  const rank = quantile * total(counts);
  if (rank === 0) return undefined;
  const index = cumulative.findIndex((count) => count >= rank);
  const upper = bounds[index]!;
  const lower = bounds[index - 1] ?? 0;
  if (upper === Infinity) return lower;
  const below = cumulative[index - 1] ?? 0;
  return lower + ((upper - lower) * (rank - below)) / (cumulative[index]! - below);
}
