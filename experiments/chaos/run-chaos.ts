import { type CheckReport, runChecks } from '@bulkhead/invariants/run-checks';
import { openShop } from '@bulkhead/invariants/open-shop';
import { plentifulProducts, registerCustomers } from '../load/customers';
import { runLoad } from '../load/run-load';
import type { LoadResult } from '../load/samples';
import type { Shop } from '../shop/shop';
import { startServices } from '../shop/start-services';
import { fastRetryDelaysMs, fastTimers } from './fast-timers';
import type { Step } from './schedule';
import { inject } from './inject';

export interface ExecutedStep extends Step {
  /** Seconds from the start of the load at which it was over. */
  readonly overAt: number;
  /** What went wrong in injecting it: the run is void then. */
  readonly error?: string;
}

export interface ChaosRun {
  readonly seconds: number;
  readonly steps: readonly ExecutedStep[];
  /** Requests by kind and status. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** People who came to buy, and orders that they were promised. */
  readonly buyers: number;
  readonly promised: number;
  readonly confirmed: number;
  readonly latenessP99Ms: number;
  /** Seconds from the end of the last blow (or of the load, which comes later) until nothing was on its way. */
  readonly settledAfterSeconds: number;
  readonly checks: CheckReport;
}

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly steps: readonly Step[];
  readonly print: (line: string) => void;
  /** Where the services' logs go. */
  readonly logDir?: string;
}

const rates = { browse: 4, search: 1, buy: 5, account: 1 };
/** Most are paid at once; some are slow, fail once, or act without an answer; one in ten is declined. */
const paymentMethods = [
  ...Array<string>(14).fill('pm_ok'),
  'pm_slow',
  'pm_error_once',
  'pm_timeout',
  'pm_declined',
];
const customersCount = 40;
const productsCount = 12;
const patienceMs = 60_000;

/** Load on a new shop, blows according to the schedule, then every invariant. */
export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { seed, seconds, steps, print } = options;
  const shop = await startServices({
    environment: fastTimers,
    restartAfterMs: 0,
    ...(options.logDir === undefined ? {} : { logDir: options.logDir }),
  });
  try {
    const customers = await registerCustomers(shop.origin, customersCount);
    const products = await plentifulProducts(shop.origin, productsCount);
    const { origin } = shop;
    const plan = { origin, seed, seconds, rates, customers, products, paymentMethods };
    const startedAt = Date.now();
    const injecting = injectAll(shop, steps, startedAt, print);
    const load = await runLoad({ ...plan, patienceMs: 15_000, buyerRetries: 6 });
    const executed = await injecting;
    const quietSince = Date.now();
    const view = openShop(placesOf(shop), {
      acknowledged: load.orders.map(({ orderId, userId, status }) => ({
        orderId,
        userId,
        status: status === 201 ? 201 : 202,
      })),
      retryDelaysMs: fastRetryDelaysMs,
    });
    try {
      const checks = await runChecks(view, patienceMs);
      const [counted] = await view.ask<{ confirmed: number }>(
        'order',
        `select count(*)::int as confirmed from order_transition where state = 'confirmed'`,
      );
      return {
        seconds,
        steps: executed,
        answers: countAnswers(load),
        buyers: load.buyers,
        promised: load.orders.length,
        confirmed: counted!.confirmed,
        latenessP99Ms: load.latenessP99Ms,
        settledAfterSeconds: (Date.parse(checks.restAt) - quietSince) / 1_000,
        checks,
      };
    } finally {
      await view.close();
    }
  } finally {
    await shop.stop();
  }
}

async function injectAll(
  shop: Shop,
  steps: readonly Step[],
  startedAt: number,
  print: (line: string) => void,
): Promise<ExecutedStep[]> {
  const now = () => (Date.now() - startedAt) / 1_000;
  const executed: ExecutedStep[] = [];
  // One after the other: a blow that lasts longer than planned delays the next, and both still happen.
  for (const step of steps) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, step.at - now()) * 1_000));
    const error = await inject(shop, step.blow).then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    const overAt = Math.round(now() * 10) / 10;
    executed.push({ ...step, overAt, ...(error === undefined ? {} : { error }) });
    print(
      `  ${step.blow.kind} at ${step.at} s was over at ${overAt} s${error === undefined ? '' : `: ${error}`}`,
    );
  }
  return executed;
}

export const placesOf = (shop: Shop) => ({
  databases: Object.fromEntries([...shop.databases].map(([name, { appUrl }]) => [name, appUrl])),
  ...(shop.brokerUrl === undefined ? {} : { broker: { url: shop.brokerUrl } }),
  providerUrl: shop.provider.url,
  mailbox: shop.mailbox,
});

function countAnswers({ samples }: LoadResult): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { kind, status } of samples) {
    const ofKind = (counts[kind] ??= {});
    ofKind[status] = (ofKind[status] ?? 0) + 1;
  }
  return counts;
}
