import { readMetric } from '../shop/read-metric';
import { noneFailed } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';

/** How fast the reserve of a retry budget comes back, and what each first call earns: see libs/resilience. */
const reservePerMs = 10 / 10_000;
const ratio = 0.1;

const retriesOf = async (metrics: Promise<string>) => {
  const text = await metrics;
  return {
    retries: readMetric(text, 'http_client_retries_total', { peer: 'inventory' }),
    attempts: readMetric(text, 'http_client_attempt_duration_seconds_count', { peer: 'inventory' }),
    /** What was saved up by then, in whole retries. */
    saved: readMetric(text, 'http_client_retry_budget_retries', { peer: 'inventory' }),
  };
};

export const retryStorm: Experiment = {
  name: 'retry-storm',
  title: 'A retry storm',
  story: `Half of the calls to inventory fail, so its callers try again, and their callers too. Three attempts on each of three
    layers are 27 calls for one click: the cure is what keeps the patient ill, long after the cause has gone.`,
  steadyState: 'Every order is confirmed at once.',
  hypothesis: `Only one layer retries, and pays for each retry from a budget that first calls fill: retries add at most 10 % load
    and a small reserve. Orders whose stock could not be asked for are finished by recovery.`,
  fault: 'Half of the calls to inventory are answered with 503.',
  rates: { browse: 12, search: 2, buy: 6 },
  settlesWithin: 60,
  async inject({ shop, faultMs, until, note, measure }) {
    const before = await retriesOf(shop.metrics('order'));
    const startedAt = performance.now();
    await shop.setFaults('inventory', [
      {
        target: { kind: 'route', name: '*' },
        effect: { type: 'error', status: 503 },
        share: 0.5,
        durationMs: faultMs,
      },
    ]);
    note('half of the calls to inventory fail');
    await until(1);
    const after = await retriesOf(shop.metrics('order'));
    note('inventory answers again');
    const retries = after.retries - before.retries;
    measure('retries', retries);
    measure('firstCalls', after.attempts - before.attempts - retries);
    measure('saved', before.saved);
    measure('elapsedMs', performance.now() - startedAt);
  },
  judge(observed) {
    const services = observed.of('services');
    const { retries = NaN, firstCalls = NaN, saved = NaN, elapsedMs = NaN } = services.measures;
    // Saved is told without the fractions of its two parts.
    const allowed = saved + 2 + ratio * firstCalls + reservePerMs * elapsedMs;
    return [
      correct(
        `${services.kind}: retries stay within the budget: what was saved, 10 % of first calls, and the reserve`,
        retries <= allowed && retries > 0,
        `${retries} retries of ${firstCalls} calls; at most ${Math.floor(allowed)} were allowed`,
      ),
      noneFailed(services, 'order', services.during('order')),
    ];
  },
};
