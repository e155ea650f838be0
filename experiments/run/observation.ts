import type { RequestClass, Sample } from '../load/samples';
import { isServed, isShed, type LoadResult, quantile } from '../load/samples';
import type { ShopKind } from '../shop/shop';
import type { Phases } from './phases';
import type { Settlement } from './settle';

export interface Note {
  /** Ms from the start of the load. */
  readonly at: number;
  readonly text: string;
}

/** What was seen of one shop during one run. */
export interface Observation {
  readonly kind: ShopKind;
  readonly phases: Phases;
  readonly load: LoadResult;
  readonly notes: readonly Note[];
  readonly settlement: Settlement;
  readonly measures: Readonly<Record<string, number>>;
  /** Part of the machine's CPU time, all cores together, that was used during the load, by whomever. */
  readonly busyShare: number;
  /** Requests of a kind that were meant to begin in that time, in ms. */
  in(from: number, to: number, kind?: RequestClass): Summary;
  before(kind?: RequestClass): Summary;
  /** From so many ms after the fault began. Default 0. */
  during(kind?: RequestClass, afterMs?: number): Summary;
  after(kind?: RequestClass): Summary;
  whole(kind?: RequestClass): Summary;
}

export interface Summary {
  readonly count: number;
  readonly samples: readonly Sample[];
  /** Served, a second: what came in this time and was answered with what it came for, or a refusal of the business. */
  readonly servedPerSecond: number;
  /** Parts of 1. */
  readonly servedShare: number;
  readonly shedShare: number;
  /** Neither served nor shed: 5xx other than 503, or no answer. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function summarise(all: readonly Sample[], from: number, to: number, kind?: RequestClass): Summary {
  const samples = all.filter((each) => each.at >= from && each.at < to && (!kind || each.kind === kind));
  const served = samples.filter(isServed).length;
  const shed = samples.filter(isShed).length;
  const latencies = samples.filter(isServed).map(({ latencyMs }) => latencyMs);
  return {
    count: samples.length,
    samples,
    servedPerSecond: served / ((to - from) / 1_000),
    servedShare: samples.length === 0 ? NaN : served / samples.length,
    shedShare: samples.length === 0 ? NaN : shed / samples.length,
    failed: samples.length - served - shed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
  };
}

export function observe(
  facts: Pick<Observation, 'kind' | 'phases' | 'load' | 'notes' | 'settlement' | 'measures' | 'busyShare'>,
): Observation {
  const { faultBegins, faultEnds, loadEnds } = facts.phases;
  const within = (from: number, to: number, kind?: RequestClass) =>
    summarise(facts.load.samples, from, to, kind);
  return {
    ...facts,
    in: within,
    before: (kind) => within(0, faultBegins, kind),
    during: (kind, afterMs = 0) => within(faultBegins + afterMs, faultEnds, kind),
    after: (kind) => within(faultEnds, loadEnds, kind),
    whole: (kind) => within(0, loadEnds, kind),
  };
}

/** `410 ms`, `10.2 s`. */
export const ms = (value: number): string =>
  Number.isNaN(value)
    ? 'none'
    : value < 1_000
      ? `${Math.round(value)} ms`
      : `${(value / 1_000).toFixed(1)} s`;
export const percent = (part: number): string =>
  Number.isNaN(part) ? 'none' : `${(part * 100).toFixed(part > 0.99 && part < 1 ? 2 : 1)} %`;
export const perSecond = (rate: number): string => `${rate.toFixed(1)}/s`;

/** Of all answers, served or not. */
export const quantileOf = ({ samples }: Summary, q: number): number =>
  quantile(
    samples.map(({ latencyMs }) => latencyMs),
    q,
  );
