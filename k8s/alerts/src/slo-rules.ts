import { type Objective, objectives } from './objectives';
import type { Alert, Group, Recording, Series } from './rule';

const longer = ['30m', '1h', '2h', '6h', '1d', '3d', '30d'] as const;

/** Windows and factors of the SRE workbook, chapter 5, for 30 days: 2, 5, 10 and 10 % of the budget. */
const burns = [
  { long: '1h', hours: 1, short: '5m', factor: 14.4, severity: 'page', for: '2m' },
  { long: '6h', hours: 6, short: '30m', factor: 6, severity: 'page', for: '15m' },
  { long: '1d', hours: 24, short: '2h', factor: 3, severity: 'ticket', for: '1h' },
  { long: '3d', hours: 72, short: '6h', factor: 1, severity: 'ticket', for: '3h' },
] as const;

/**
 * Bad ones that the longer window must hold. In a quiet night one failed request is a large share of all; what the same
 * chapter says of low traffic is that a share of little tells little.
 */
const fewestBad = 5;

const labelsOf = ({ slo, who }: Objective) => (who === 'buy' ? { slo, service: 'buy' } : { slo });
const selector = ({ slo, who }: Objective) => `slo="${slo}", service${who === 'buy' ? '=' : '!='}"buy"`;

/**
 * Requests and errors a second are recorded once, over 5 minutes; longer windows add those up, so that 30 days cost as
 * many points as 5 minutes did and every window weighs requests alike.
 * @param where selectors of the recorded series that longer windows are made of
 */
export const recordingsOf = (recorded: readonly Objective[], where: readonly string[]): Group => ({
  name: 'bulkhead-slo-recordings',
  rules: [
    ...recorded.flatMap((objective): Recording[] => [
      { record: 'bulkhead:slo_requests:rate5m', expr: objective.requests, labels: labelsOf(objective) },
      {
        record: 'bulkhead:slo_errors:rate5m',
        expr: `(${objective.errors}) or (${objective.requests}) * 0`,
        labels: labelsOf(objective),
      },
    ]),
    ...where.flatMap((selected) => [
      {
        record: 'bulkhead:slo_errors:ratio_rate5m',
        expr: `bulkhead:slo_errors:rate5m${selected} / (bulkhead:slo_requests:rate5m${selected} > 0)`,
      },
      ...longer.map((window) => ({
        record: `bulkhead:slo_errors:ratio_rate${window}`,
        expr: `sum_over_time(bulkhead:slo_errors:rate5m${selected}[${window}]) / (sum_over_time(bulkhead:slo_requests:rate5m${selected}[${window}]) > 0)`,
      })),
    ]),
  ],
});

export const recordings = recordingsOf(objectives, ['']);
export const burnAlerts: Group = { name: 'bulkhead-slo-burn', rules: objectives.flatMap(burnAlertsOf) };

export function burnAlertsOf(objective: Objective): Alert[] {
  const { alert, about, target } = objective;
  return burns.map(({ long, hours, short, factor, severity, for: held }) => {
    const limit = `${factor} * ${(1 - target).toFixed(4)}`;
    const over = (window: string) =>
      `bulkhead:slo_errors:ratio_rate${window}{${selector(objective)}} > ${limit}`;
    const enough = `avg_over_time(bulkhead:slo_errors:rate5m{${selector(objective)}}[${long}]) * ${hours * 3600} >= ${fewestBad}`;
    return {
      alert,
      expr: `${over(long)} and ${over(short)} and ${enough}`,
      for: held,
      severity,
      labels: { window: long },
      dashboard: objective.who === 'buy' ? 'overview' : 'slos',
      summary: `{{ $labels.service }} uses up its error budget ${factor} times as fast as it may (${objective.slo}, ${long}).`,
      description: `${about}. Over the last ${long} {{ $value | humanizePercentage }} were not good; at this rate the budget of 30 days is gone in ${Math.round((30 / factor) * 10) / 10} days.`,
      // Enough of the shortest traffic that fills both windows: all of it bad, or as much of it as is allowed.
      fires: traffic(objective, 0.5),
      silent: traffic(objective, (1 - target) / 10),
      at: '5h',
    };
  });
}

/** Ten requests a second for five hours, of which a share is bad. */
function traffic({ slo, who }: Objective, share: number): Series {
  const minute = 600;
  const bad = Math.round(minute * share * 100) / 100;
  const count = (per: number) => `0+${per}x320`;
  const where =
    who === 'buy'
      ? 'namespace="shop", service="gateway", method="POST", route="/api/v1/orders"'
      : 'namespace="shop", service="order", method="GET", route="/orders"';
  if (slo === 'settled')
    return {
      'order_settle_duration_seconds_count{namespace="shop", service="order", outcome="confirmed"}':
        count(minute),
      'order_settle_duration_seconds_bucket{namespace="shop", service="order", outcome="confirmed", le="60"}':
        count(minute - bad),
    };
  const name = 'http_server_request_duration_seconds';
  if (slo === 'latency')
    return {
      [`${name}_count{${where}, status="200"}`]: count(minute),
      [`${name}_bucket{${where}, status="200", le="0.5"}`]: count(minute - bad),
    };
  return {
    [`${name}_count{${where}, status="200"}`]: count(minute - bad),
    [`${name}_count{${where}, status="500"}`]: count(bad),
  };
}
