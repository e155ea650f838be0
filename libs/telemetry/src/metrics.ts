import {
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';
import { type ExpositionFormat, toTextFormat } from './exposition';
import { withinScrape } from './within-scrape';

/**
 * A label whose values are known only at run time: the first `max` distinct ones are kept, further ones become `other`.
 */
export interface CappedLabel {
  readonly max: number;
}

export const capped = (max: number): CappedLabel => ({ max });

/** Each label with all its values, or a cap. */
export type LabelSpecs = Readonly<Record<string, readonly string[] | CappedLabel>>;

export type LabelValues<S extends LabelSpecs> = {
  readonly [K in keyof S]: S[K] extends readonly (infer V extends string)[] ? V : string;
};

interface MetricOptions<S extends LabelSpecs> {
  /** In Prometheus style: unit last, counters end with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: S;
}

export interface Counter<S extends LabelSpecs> {
  /** A series; keep it where speed matters. */
  series(labels: LabelValues<S>): { add(amount?: number): void };
  add(labels: LabelValues<S>, amount?: number): void;
  /** Exposes the series from now on, at 0: Prometheus sees no increase in a series that starts at 1. */
  declare(labels: LabelValues<S>): void;
}

export interface Gauge<S extends LabelSpecs> {
  series(labels: LabelValues<S>): { set(value: number): void; add(amount: number): void };
  set(labels: LabelValues<S>, value: number): void;
  add(labels: LabelValues<S>, amount: number): void;
}

export interface Histogram<S extends LabelSpecs> {
  series(labels: LabelValues<S>): HistogramSeries;
  observe(labels: LabelValues<S>, value: number, exemplarTraceId?: string): void;
  /** Exposes the series from now on, empty; call it before its first value. */
  declare(labels: LabelValues<S>): void;
}

export interface HistogramSeries {
  /** @param exemplarTraceId the trace to link to this value; only if the trace is sampled */
  observe(value: number, exemplarTraceId?: string): void;
}

/** What a metric promises to whoever queries it. */
export interface MetricSpec {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: LabelSpecs;
}

export interface Metrics {
  /** With `collect`, the counter is updated at each scrape. */
  counter<const S extends LabelSpecs = Record<never, never>>(
    options: MetricOptions<S> & { readonly collect?: (counter: Counter<S>) => void },
  ): Counter<S>;
  /** With `collect`, the gauge is read at each scrape instead of being set. */
  gauge<const S extends LabelSpecs = Record<never, never>>(
    options: MetricOptions<S> & { readonly collect?: (gauge: Gauge<S>) => void | Promise<void> },
  ): Gauge<S>;
  histogram<const S extends LabelSpecs = Record<never, never>>(
    options: MetricOptions<S> & { readonly buckets: readonly number[] },
  ): Histogram<S>;
  /** All metrics in that format. Default: OpenMetrics. */
  expose(format?: ExpositionFormat): Promise<string>;
  /** Updates everything that is only set on demand, as `expose` does; for readers of `registry`. */
  collect(): Promise<void>;
  /** Every metric created so far, in order of creation. */
  specs(): readonly MetricSpec[];
  /** For collectors of libraries that use prom-client. */
  readonly registry: Registry<OpenMetricsContentType>;
}

/**
 * Timeout of each collector in ms; longer than that of collectors that query a database and report that it did not
 * respond.
 */
const scrapeLimitMs = 2_000;

/** Seconds, from 1 ms to 10 s. */
export const durationBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10,
] as const;

/**
 * A separate registry for one service, whose metrics all have the label `service`. No label can grow without bound: its
 * values are declared or capped, and any other value is counted as `other`.
 */
export function createMetrics({ service }: { readonly service: string }): Metrics {
  const specs: MetricSpec[] = [];
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registry.setDefaultLabels({ service });
  const collectors: (() => void | Promise<void>)[] = [];
  const config = ({ name, help, labels = {} }: MetricOptions<LabelSpecs>, type: MetricSpec['type']) => {
    specs.push({ name, type, help, labels });
    return { name, help, labelNames: Object.keys(labels), registers: [registry] };
  };

  const collectAll = async () => {
    await Promise.all(collectors.map((collect) => withinScrape(collect, scrapeLimitMs)));
  };

  return {
    registry,
    async expose(format = 'openmetrics') {
      // Before anything is written, since one collector may set several metrics; and a failing one, such as without its
      // database, must not suppress the others.
      await collectAll();
      const text = await registry.metrics();
      return format === 'text' ? toTextFormat(text) : text;
    },
    collect: collectAll,
    specs: () => [...specs],
    counter(options) {
      const { collect } = options;
      const counter = new PromCounter<string>(config(options, 'counter'));
      if (collect) collectors.push(() => collect(wrapped));
      const bound = labelBounds(options.labels);
      const wrapped: ReturnType<Metrics['counter']> = {
        series(labels) {
          const child = counter.labels(bound(labels));
          return { add: (amount) => child.inc(amount) };
        },
        add: (labels, amount = 1) => counter.inc(bound(labels), amount),
        declare: (labels) => counter.inc(bound(labels), 0),
      };
      return wrapped;
    },
    gauge(options) {
      const { collect } = options;
      const gauge = new PromGauge<string>(config(options, 'gauge'));
      if (collect) collectors.push(() => collect(wrapped));
      const bound = labelBounds(options.labels);
      const wrapped: ReturnType<Metrics['gauge']> = {
        series(labels) {
          const child = gauge.labels(bound(labels));
          return { set: (value) => child.set(value), add: (amount) => child.inc(amount) };
        },
        set: (labels, value) => gauge.set(bound(labels), value),
        add: (labels, amount) => gauge.inc(bound(labels), amount),
      };
      return wrapped;
    },
    histogram(options) {
      const histogram = new PromHistogram<string>({
        ...config(options, 'histogram'),
        buckets: [...options.buckets],
        enableExemplars: true,
      });
      const bound = labelBounds(options.labels);
      const observe = (labels: Record<string, string>, value: number, traceId?: string) =>
        histogram.observe(
          traceId === undefined
            ? { labels, value }
            : { labels, value, exemplarLabels: { trace_id: traceId } },
        );
      return {
        series(labels) {
          const fixed = bound(labels);
          const child = histogram.labels(fixed);
          return {
            observe: (value, traceId) =>
              traceId === undefined ? child.observe(value) : observe(fixed, value, traceId),
          };
        },
        observe: (labels, value, traceId) => observe(bound(labels), value, traceId),
        declare: (labels) => histogram.zero(bound(labels)),
      };
    },
  };
}

const other = 'other';

/** Maps label values to the allowed ones. On hot paths: allocates only the result. */
function labelBounds(
  specs: LabelSpecs = {},
): (labels: Readonly<Record<string, string>>) => Record<string, string> {
  const bounds = Object.entries(specs).map(([name, spec]) => {
    const max = 'max' in spec ? spec.max : 0;
    return { name, max, known: new Set<string>('max' in spec ? [] : spec) };
  });
  return (labels) => {
    const bounded: Record<string, string> = {};
    for (const { name, max, known } of bounds) {
      const value = labels[name] ?? other;
      if (!known.has(value) && known.size < max) known.add(value);
      bounded[name] = known.has(value) ? value : other;
    }
    return bounded;
  };
}
