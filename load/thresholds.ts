import { type Measurements, percentileMs, total } from './measurements';
import type { OpenLoopResult } from './open-loop';

/** Something that must be true of a run. */
export interface Threshold {
  readonly says: string;
  /** @returns what was found, in words, and whether it will do */
  judge(measurements: Measurements): { readonly found: string; readonly met: boolean };
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

/** 99 of 100 are answered within that time, counted from when they should have begun. */
export const p99 = (operation: string, withinMs: number): Threshold => ({
  says: `${operation}: p99 ≤ ${withinMs} ms`,
  judge(measurements) {
    const { latency } = measurements.operation(operation);
    const found = percentileMs(latency, 0.99);
    return {
      found: latency.count === 0 ? 'none succeeded' : ms(found),
      met: latency.count > 0 && found <= withinMs,
    };
  },
});

/** Of all requests and settled orders together. */
export const failures = (atMost: number): Threshold => ({
  says: `failures ≤ ${percent(atMost)}`,
  judge(measurements) {
    const all = measurements.operations.reduce((sum, operation) => sum + total(operation), 0);
    const failed = measurements.operations.reduce((sum, { counts }) => sum + counts.failed, 0);
    const share = failed / Math.max(1, all);
    return { found: `${failed} of ${all}`, met: all > 0 && share <= atMost };
  },
});

/** Requests that the shop had no room for, or that were over a limit. */
export const rejected = (atMost: number): Threshold => ({
  says: `shed or limited ≤ ${percent(atMost)}`,
  judge(measurements) {
    const all = measurements.operations.reduce((sum, operation) => sum + total(operation), 0);
    const away = measurements.operations.reduce((sum, { counts }) => sum + counts.shed + counts.limited, 0);
    return { found: `${away} of ${all}`, met: away / Math.max(1, all) <= atMost };
  },
});

/** What gets slower with time has a leak or a growing table: the last quarter against the first. */
export const steady = (operation: string, atMostFold: number, plusMs: number): Threshold => ({
  says: `${operation}: median of the last quarter ≤ ${atMostFold}× that of the first + ${plusMs} ms`,
  judge(measurements) {
    const { first, last } = measurements.operation(operation).quarters;
    const [before, after] = [percentileMs(first, 0.5), percentileMs(last, 0.5)];
    return {
      found: `${ms(before)} → ${ms(after)}`,
      met: first.count > 0 && last.count > 0 && after <= before * atMostFold + plusMs,
    };
  },
});

/** A generator that is late measures itself, so the run says nothing of the shop. */
const latestMs = 10;

export const isVoid = ({ lateness }: OpenLoopResult): boolean => percentileMs(lateness, 0.99) > latestMs;
