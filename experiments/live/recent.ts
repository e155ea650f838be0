import { isServed, isShed, quantile, type RequestClass, type Sample } from '../load/samples';

const windowMs = 4_000;
/** Of one shop in one window; the load is a few requests a second. */
const maxSamples = 2_000;

/** What became of the requests of one kind in the last few seconds. */
export interface KindSummary {
  readonly count: number;
  readonly servedShare: number;
  readonly shedShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface RecentSummary extends KindSummary {
  readonly requestsPerSecond: number;
  /** Neither served nor turned away: a 5xx other than 503, or no response. */
  readonly failuresPerSecond: number;
  readonly shedPerSecond: number;
  /** Requests without a response yet. */
  readonly waiting: number;
  of(kind: RequestClass): KindSummary;
}

/** The last few seconds of one shop, as its visitors see them. */
export interface Recent {
  add(sample: Sample): void;
  /** Counts a request as waiting until `work` is done. */
  during<T>(kind: RequestClass, work: () => Promise<T>): Promise<T>;
  waiting(): number;
  summary(): RecentSummary;
}

/** @param now in ms, of any clock that only goes forward */
export function createRecent(now: () => number): Recent {
  let samples: (Sample & { readonly endedAt: number })[] = [];
  const waiting = new Set<{ readonly kind: RequestClass; readonly since: number }>();
  const forget = () => {
    const from = now() - windowMs;
    samples = samples.filter(({ endedAt }) => endedAt >= from).slice(-maxSamples);
  };
  const summarise = (kind?: RequestClass): KindSummary => {
    const ended = samples.filter((sample) => !kind || sample.kind === kind);
    // Whoever has waited for a second already is part of what is slow now, not only once the response has come.
    const late = [...waiting]
      .filter((request) => !kind || request.kind === kind)
      .map(({ since }) => now() - since)
      .filter((ms) => ms > 1_000);
    const latencies = [
      ...ended.filter((sample) => !isShed(sample)).map(({ latencyMs }) => latencyMs),
      ...late,
    ];
    const count = ended.length + late.length;
    return {
      count,
      servedShare: count === 0 ? 1 : (ended.filter(isServed).length + late.length) / count,
      shedShare: count === 0 ? 0 : ended.filter(isShed).length / count,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    };
  };
  return {
    add(sample) {
      samples.push({ ...sample, endedAt: now() });
      if (samples.length > maxSamples) forget();
    },
    async during(kind, work) {
      const request = { kind, since: now() };
      waiting.add(request);
      try {
        return await work();
      } finally {
        waiting.delete(request);
      }
    },
    waiting: () => waiting.size,
    summary() {
      forget();
      const perSecond = (count: number) => count / (windowMs / 1_000);
      return {
        ...summarise(),
        requestsPerSecond: perSecond(samples.length),
        failuresPerSecond: perSecond(samples.filter((each) => !isServed(each) && !isShed(each)).length),
        shedPerSecond: perSecond(samples.filter(isShed).length),
        waiting: waiting.size,
        of: summarise,
      };
    },
  };
}
