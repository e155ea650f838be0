import { Histogram, type HistogramConfiguration } from 'prom-client';

/** What prom-client keeps of one series (its own, not a copy). */
interface Kept {
  readonly labels: Readonly<Record<string, string>>;
  readonly bucketValues: Record<number, number>;
  sum: number;
  count: number;
}

/** The parts of prom-client's histogram that its types do not tell of. */
interface Inside {
  readonly upperBounds: readonly number[];
  readonly hashMap: Readonly<Record<string, Kept>>;
  collect: () => void;
}

/**
 * A histogram of prom-client whose series can be counted in without being looked up: finding a series by its labels, and
 * a bucket by its bound as text, costs more than the rest of a measurement. What was counted is added up when it is
 * asked for.
 */
export class SeriesHistogram extends Histogram<string> {
  readonly #addUp: (() => void)[] = [];
  /** By its labels' values: one for each series, however often it is asked for. */
  readonly #series = new Map<string, (value: number) => void>();

  readonly #names: readonly string[];

  constructor(config: HistogramConfiguration<string>) {
    super(config);
    this.#names = config.labelNames ?? [];
    this.#inside.collect = () => {
      for (const add of this.#addUp) add();
    };
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }

  /** @returns a function that counts a finite value in the series of these labels, which is there from the first one on */
  seriesOf(labels: Readonly<Record<string, string>>): (value: number) => void {
    const key = this.#names.map((name) => labels[name]).join('\n');
    const known = this.#series.get(key) ?? this.#begin(labels);
    this.#series.set(key, known);
    return known;
  }

  #begin(labels: Readonly<Record<string, string>>): (value: number) => void {
    let count: ((value: number) => void) | undefined;
    return (value) => {
      if (count) return count(value);
      this.labels(labels).observe(value);
      count = this.#countIn(this.#find(labels));
    };
  }

  #find(labels: Readonly<Record<string, string>>): Kept {
    return Object.values(this.#inside.hashMap).find((kept) =>
      this.#names.every((name) => kept.labels[name] === labels[name]),
    )!;
  }

  #countIn(kept: Kept): (value: number) => void {
    const { upperBounds } = this.#inside;
    const counts = new Float64Array(upperBounds.length + 1);
    let sum = 0;
    let total = 0;
    this.#addUp.push(() => {
      for (const [index, bound] of upperBounds.entries()) kept.bucketValues[bound]! += counts[index]!;
      kept.sum += sum;
      kept.count += total;
      counts.fill(0);
      sum = total = 0;
    });
    return (value) => {
      let index = 0;
      while (index < upperBounds.length && value > upperBounds[index]!) index += 1;
      counts[index]! += 1;
      sum += value;
      total += 1;
    };
  }
}
