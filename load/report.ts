import { outcomes, percentileMs, type Operation } from './measurements';
import type { ScenarioResult } from './run-scenario';
import { isVoid } from './thresholds';

export interface Verdict {
  readonly passed: boolean;
  /** The generator was late, so nothing is said about the shop. */
  readonly void: boolean;
  readonly thresholds: readonly { readonly says: string; readonly found: string; readonly met: boolean }[];
}

export function judge({ scenario, measurements, loop, problems }: ScenarioResult): Verdict {
  const thresholds = [
    ...scenario.thresholds.map((threshold) => ({ says: threshold.says, ...threshold.judge(measurements) })),
    { says: 'every arrival was started', found: `${loop.dropped} were not`, met: loop.dropped === 0 },
    ...problems.map((problem) => ({ says: 'the check of the scenario', found: problem, met: false })),
  ];
  const voided = isVoid(loop);
  return { passed: !voided && thresholds.every(({ met }) => met), void: voided, thresholds };
}

const cells = (values: readonly (string | number)[]) =>
  values
    .map((value, index) =>
      index === 0 ? String(value).padEnd(14) : String(value).padStart(index <= outcomes.length ? 13 : 10),
    )
    .join('');
const ms = (value: number) => (value === 0 ? '–' : `${value.toFixed(value < 100 ? 1 : 0)} ms`);

const row = ({ name, counts, latency }: Operation) =>
  cells([
    name,
    ...outcomes.map((outcome) => counts[outcome]),
    ...[0.5, 0.9, 0.99].map((share) => ms(percentileMs(latency, share))),
    ms(latency.count === 0 ? 0 : latency.max / 1_000),
  ]);

/** For a terminal. */
export function asText(result: ScenarioResult): string {
  const { scenario, rate, seconds, measurements, loop } = result;
  const verdict = judge(result);
  const limited = measurements.operations.some(({ counts }) => counts.limited > 0);
  const lines = [
    `${scenario.name}: ${loop.started} arrivals in ${Math.round(seconds)} s, ${rate}/s at the peak; ` +
      `started ${ms(percentileMs(loop.lateness, 0.99))} late at p99`,
    '',
    cells(['', ...outcomes, 'p50', 'p90', 'p99', 'max']),
    ...measurements.operations.map(row),
    '',
    ...[...measurements.reasons].map(([reason, count]) => `  ${count} × ${reason}`),
    ...(limited
      ? ['  Rate limits were hit: all this load comes from one address. Start the shop with RATE_LIMITS=off.']
      : []),
    ...verdict.thresholds.map(({ says, found, met }) => `  ${met ? 'met   ' : 'MISSED'} ${says}: ${found}`),
    ...(verdict.void
      ? ['', 'VOID: this machine was too busy to send in time, so the figures say nothing of the shop.']
      : []),
    '',
  ];
  return lines.join('\n');
}

/** For a program. Latencies in ms, from the intended start. */
export function asJson(result: ScenarioResult): object {
  const { scenario, rate, seconds, measurements, loop } = result;
  return {
    scenario: scenario.name,
    rate,
    seconds,
    started: loop.started,
    dropped: loop.dropped,
    latenessP99Ms: percentileMs(loop.lateness, 0.99),
    operations: Object.fromEntries(
      measurements.operations.map(({ name, counts, latency }) => [
        name,
        {
          ...counts,
          p50: percentileMs(latency, 0.5),
          p90: percentileMs(latency, 0.9),
          p99: percentileMs(latency, 0.99),
        },
      ]),
    ),
    reasons: Object.fromEntries(measurements.reasons),
    ...judge(result),
  };
}
