import type { Metrics } from '@bulkhead/telemetry/metrics';
import { type Counts, quantileOf, readHistogram, since, sum, total } from './histogram';

export interface ObservedService {
  readonly name: string;
  readonly metrics: Metrics;
}

/** Rate, errors and durations of a route within the window. */
export interface RouteActivity {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly perSecond: number;
  /** Requests within the window. */
  readonly requests: number;
  readonly requestsSinceStart: number;
  /** Requests within the window by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Responses with 5xx within the window. */
  readonly errors: number;
  readonly medianMs: number | undefined;
  readonly p99Ms: number | undefined;
}

/** The traffic at the shop's public address in the period before `at` (ms since the Unix epoch). */
export interface Moment {
  readonly at: number;
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  readonly medianMs: number | undefined;
  readonly p99Ms: number | undefined;
}

interface Observed {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly status: string;
  readonly counts: Counts;
}

interface Sampled {
  readonly at: number;
  readonly series: ReadonlyMap<string, Observed>;
}

/** ms */
const windowMs = 60_000;
const timelineMs = 300_000;

const isError = (status: string) => status.startsWith('5');
const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

/** Rates need two samples: keeps the request histograms of the last minute, and the resulting rates of five minutes. */
export function createRequestHistory(services: readonly ObservedService[], now: () => number) {
  let samples: Sampled[] = [];
  let timeline: Moment[] = [];

  const read = async (): Promise<Sampled> => {
    const series = new Map<string, Observed>();
    for (const { name: service, metrics } of services)
      for (const { labels, counts } of await readHistogram(metrics, 'http_server_request_duration_seconds')) {
        const { method = '', route = '', status = '' } = labels;
        series.set([service, method, route, status].join(' '), { service, method, route, status, counts });
      }
    return { at: now(), series };
  };

  const changes = (before: Sampled | undefined, after: Sampled) =>
    [...after.series].map(([key, observed]) => ({
      ...observed,
      counts: since(observed.counts, before?.series.get(key)?.counts),
    }));

  return {
    /** Takes a sample; must be called regularly, every second or two. */
    async sample(): Promise<void> {
      const latest = await read();
      const before = samples.at(-1);
      samples = [...samples.filter(({ at }) => at >= latest.at - windowMs), latest];
      if (!before) return;
      const seconds = Math.max(0.001, (latest.at - before.at) / 1000);
      const entering = changes(before, latest).filter(({ service }) => service === 'gateway');
      const all = sum(entering.map(({ counts }) => counts));
      const errors = sum(entering.filter(({ status }) => isError(status)).map(({ counts }) => counts));
      timeline = [
        ...timeline.filter(({ at }) => at >= latest.at - timelineMs),
        {
          at: latest.at,
          perSecond: total(all) / seconds,
          errorsPerSecond: total(errors) / seconds,
          medianMs: ms(quantileOf(all, 0.5)),
          p99Ms: ms(quantileOf(all, 0.99)),
        },
      ];
    },
    timeline: (): readonly Moment[] => timeline,
    /** Every route requested so far, with its traffic in the last minute. */
    async routes(): Promise<RouteActivity[]> {
      const latest = await read();
      const before = samples[0];
      const seconds = Math.max(1, (latest.at - (before?.at ?? latest.at)) / 1000);
      const routes = Map.groupBy(changes(before, latest), ({ service, method, route }) =>
        [service, method, route].join(' '),
      );
      return [...routes.values()].map((group) => {
        const { service, method, route } = group[0]!;
        const all = sum(group.map(({ counts }) => counts));
        const keys = group.map(({ status }) => [service, method, route, status].join(' '));
        return {
          service,
          method,
          route,
          perSecond: total(all) / seconds,
          requests: total(all),
          requestsSinceStart: total(sum(keys.map((key) => latest.series.get(key)!.counts))),
          statuses: Object.fromEntries(
            group
              .map(({ status, counts }) => [status, total(counts)] as const)
              .filter(([, count]) => count > 0),
          ),
          errors: total(sum(group.filter(({ status }) => isError(status)).map(({ counts }) => counts))),
          medianMs: ms(quantileOf(all, 0.5)),
          p99Ms: ms(quantileOf(all, 0.99)),
        };
      });
    },
  };
}

export type RequestHistory = ReturnType<typeof createRequestHistory>;
