import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/**
 * How a request or a whole purchase ended. `ok`: as wished. `declined` and `out-of-stock`: the shop's correct no.
 * `limited`: the sender was over its rate limit (429). `shed`: the shop had no room (503). `failed`: everything else.
 */
export const outcomes = ['ok', 'declined', 'out-of-stock', 'limited', 'shed', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

/** What became of one kind of request. */
export interface Operation {
  readonly name: string;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** From when it should have begun to the end of its answer, in µs, of those that ended `ok`. */
  readonly latency: RecordableHistogram;
  /** The same, of those begun in the first and in the last quarter of the run. */
  readonly quarters: { readonly first: RecordableHistogram; readonly last: RecordableHistogram };
  /** How quickly the shop said that it had no room, in µs. */
  readonly shedLatency: RecordableHistogram;
}

export interface Measurements {
  record(operation: string, outcome: Outcome, dueAt: number): void;
  /** Counts what a failure was, as `GET product page: 500`. */
  explain(reason: string): void;
  operation(name: string): Operation;
  readonly operations: readonly Operation[];
  readonly reasons: ReadonlyMap<string, number>;
}

/** @param seconds how long the run lasts, from now on */
export function createMeasurements(seconds: number): Measurements {
  const beganAt = performance.now();
  const operations = new Map<string, Operation & { counts: Record<Outcome, number> }>();
  const reasons = new Map<string, number>();
  const operation = (name: string) => {
    const found = operations.get(name);
    if (found) return found;
    const made = {
      name,
      counts: { ok: 0, declined: 0, 'out-of-stock': 0, limited: 0, shed: 0, failed: 0 },
      latency: createHistogram(),
      quarters: { first: createHistogram(), last: createHistogram() },
      shedLatency: createHistogram(),
    };
    operations.set(name, made);
    return made;
  };
  return {
    record(name, outcome, dueAt) {
      const of = operation(name);
      const us = Math.max(1, Math.round((performance.now() - dueAt) * 1_000));
      of.counts[outcome] += 1;
      if (outcome === 'shed') of.shedLatency.record(us);
      if (outcome !== 'ok') return;
      of.latency.record(us);
      const share = (dueAt - beganAt) / (seconds * 1_000);
      if (share < 0.25) of.quarters.first.record(us);
      else if (share >= 0.75) of.quarters.last.record(us);
    },
    explain: (reason) => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
    operation,
    get operations() {
      return [...operations.values()];
    },
    reasons,
  };
}

/** @param share 0.99 for the 99th percentile @returns ms; 0 when nothing was recorded */
export const percentileMs = (histogram: RecordableHistogram, share: number): number =>
  histogram.count === 0 ? 0 : histogram.percentile(share * 100) / 1_000;

export const total = ({ counts }: Operation): number => outcomes.reduce((sum, key) => sum + counts[key], 0);
