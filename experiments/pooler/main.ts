import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { type EmbeddedPostgres } from '@bulkhead/development/embedded';
import { removeDataDirectory } from '@bulkhead/development/embedded-place';
import { openShop } from '@bulkhead/invariants/open-shop';
import { runChecks } from '@bulkhead/invariants/run-checks';
import { createClocks } from '@bulkhead/service/preflight/clocks';
import { databaseProbe } from '@bulkhead/service/preflight/database-probe';
import { systemClock } from '@bulkhead/resilience/clock';
import { type PgBouncer, startPgBouncer } from '@bulkhead/database/testing/pgbouncer';
import { placesOf } from '../chaos/run-chaos';
import { plentifulProducts, registerCustomers } from '../load/customers';
import { runLoad } from '../load/run-load';
import type { LoadResult } from '../load/samples';
import type { Shop } from '../shop/shop';
import { bundles } from '../shop/databases';
import { startServices } from '../shop/start-services';
import { startTcpProxy, type TcpProxy } from '../shop/tcp-proxy';
import { promote, startStandby } from './standby';

/**
 * A shop of nine processes with PgBouncer in transaction mode between every service and PostgreSQL, migrations included,
 * set as docs/capacity.md says: the acceptance suite, then load while PostgreSQL and PgBouncer are killed and a standby is
 * promoted behind it. PGBOUNCER is the program. The last line is `N passed, N failed`.
 */
const settings = {
  default_pool_size: 20,
  max_client_conn: 5_000,
  max_prepared_statements: 200,
  server_login_retry: 1,
};
const seconds = 60;
const rates = { browse: 4, search: 1, buy: 5, account: 1 };
/** How soon after each blow an order must be taken, s. */
const backWithinSeconds = 15;
/** Of the buyers, who may leave without one. */
const maxLost = 0.05;
const promoteAfterMs = 2_000;

const print = (line: string) => void process.stdout.write(`${line}\n`);
let passed = 0;
let failed = 0;
const check = (sentence: string, holds: boolean) => {
  print(`${holds ? 'ok  ' : 'FAIL'} ${sentence}`);
  if (holds) passed += 1;
  else failed += 1;
};

async function main(): Promise<void> {
  const program = process.env['PGBOUNCER'];
  if (!program) throw new Error('PGBOUNCER does not say where PgBouncer is; run npm run test:pooler');
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-pooler-'));
  let way: TcpProxy | undefined;
  let pgBouncer: PgBouncer | undefined;
  let shop: Shop | undefined;
  let standby: EmbeddedPostgres | undefined;
  const standbyDir = join(folder, 'standby');
  try {
    shop = await startServices({
      dataDir: join(folder, 'shop'),
      async databaseFront(adminUrl) {
        // What the server's name leads to.
        way = await startTcpProxy([Number(new URL(adminUrl).port)]);
        const named = Object.assign(new URL(adminUrl), { port: String(way.port) }).href;
        pgBouncer = await startPgBouncer({ program, adminUrl: named, settings });
        return pgBouncer.through(named);
      },
    });
    await acceptance(shop.origin, folder);
    const adminUrl = shop.databaseAdminUrl!('order');
    standby = await startStandby({
      adminUrl,
      primaryDir: join(folder, 'shop/postgres-0'),
      dataDir: standbyDir,
    });
    check('all connections of the services come through PgBouncer', await onlyThrough(adminUrl));
    check('preflight knows that more pods may come than PostgreSQL has connections', await manyPods(shop));
    await loadAndBlows(shop, { way: way!, pgBouncer: pgBouncer!, standby });
  } finally {
    await shop?.stop();
    await standby?.stop();
    await pgBouncer?.stop();
    await way?.close();
    await removeDataDirectory(standbyDir);
    await rm(folder, { recursive: true, force: true });
  }
}

async function acceptance(origin: string, folder: string): Promise<void> {
  const output = join(folder, 'acceptance.json');
  const words = ['--config', 'apps/acceptance/jest.config.cjs', '--json', `--outputFile=${output}`];
  await new Promise<void>((resolve) => {
    const jest = execFile('jest', words, { env: { ...process.env, BASE_URL: origin } }, () => resolve());
    jest.stderr?.pipe(process.stderr);
  });
  const result = JSON.parse(await readFile(output, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  print(`acceptance: ${result.numPassedTests} passed, ${result.numFailedTests} failed`);
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  check('the acceptance suite ran', result.numPassedTests > 0);
}

/** The pool of a service is bounded by PgBouncer's, and not by its own. */
const onlyThrough = (adminUrl: string) =>
  withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ most: number }>(
      `select coalesce(max(count), 0)::int as most from
       (select count(*) from pg_stat_activity where datname like 'bulkhead%' group by datname, usename) each`,
    );
    const { most } = rows[0]!;
    return most > 0 && most <= settings.default_pool_size;
  });

async function manyPods({ databases }: Shop): Promise<boolean> {
  const probe = databaseProbe({
    url: databases.get('order')!.appUrl,
    mode: 'test',
    poolSize: 10,
    pods: 1_000,
    migrationsDir: join(bundles, 'monolith/migrations/order'),
    extensions: [],
    beforeMigrations: false,
  });
  const findings = await probe.run({ clocks: createClocks(), signal: AbortSignal.timeout(10_000) });
  for (const { name, outcome, detail } of findings) if (outcome !== 'ok') print(`     ${name}: ${detail}`);
  return findings.length > 0 && findings.every(({ outcome }) => outcome === 'ok');
}

interface Behind {
  readonly way: TcpProxy;
  readonly pgBouncer: PgBouncer;
  readonly standby: EmbeddedPostgres;
}

async function loadAndBlows(shop: Shop, { way, pgBouncer, standby }: Behind): Promise<void> {
  const { origin } = shop;
  const customers = await registerCustomers(origin, 40);
  const products = await plentifulProducts(origin, 12);
  const blows: { name: string; at: number; inject: () => Promise<void>; overAt?: number }[] = [
    {
      name: 'PostgreSQL killed and started again',
      at: 8,
      async inject() {
        shop.killDatabase('order');
        await shop.stopDatabase('order');
        await shop.startDatabase('order');
      },
    },
    { name: 'PgBouncer killed and started again', at: 24, inject: () => pgBouncer.crash() },
    {
      name: 'the primary lost, its name leading to the standby, and the standby promoted',
      at: 36,
      async inject() {
        shop.killDatabase('order');
        way.setBackends([standby.port]);
        await systemClock.sleep(promoteAfterMs);
        await promote(standby);
      },
    },
  ];
  const startedAt = Date.now();
  const since = () => (Date.now() - startedAt) / 1_000;
  const injecting = (async () => {
    for (const blow of blows) {
      await systemClock.sleep(Math.max(0, blow.at - since()) * 1_000);
      await blow.inject();
      blow.overAt = since();
    }
  })();
  const plan = { origin, seed: 20, seconds, rates, customers, products, paymentMethods: ['pm_ok'] };
  const load = await runLoad({ ...plan, patienceMs: 15_000, buyerRetries: 6 });
  await injecting;

  for (const { name, overAt = NaN } of blows) {
    const back = firstOrderAfter(load, overAt) - overAt;
    check(`${name}: an order is taken ${back.toFixed(1)} s after`, back <= backWithinSeconds);
  }
  check(
    `${load.orders.length} of ${load.buyers} buyers, who try again, have an order`,
    load.orders.length >= load.buyers * (1 - maxLost),
  );
  print(`     ${statuses(load)}`);
  const view = openShop(placesOf(shop), {
    acknowledged: load.orders.map(({ orderId, userId, status }) => ({
      orderId,
      userId,
      status: status === 201 ? 201 : 202,
    })),
  });
  try {
    const checks = await runChecks(view, 60_000);
    check('everything comes to rest', checks.quiescence.reached);
    for (const { name, verdict, examined, offences } of checks.invariants) {
      if (verdict === 'skipped') continue;
      check(`${name} (${examined})`, verdict === 'holds');
      for (const { subject, problem } of offences.slice(0, 5)) print(`     ${subject}: ${problem}`);
    }
  } finally {
    await view.close();
  }
}

/** When the first request for an order after that moment was made that was served, s from the start of the load. */
const firstOrderAfter = ({ samples }: LoadResult, second: number): number =>
  Math.min(
    ...samples
      .filter(
        ({ kind, status, at }) => kind === 'order' && status > 0 && status < 300 && at / 1_000 >= second,
      )
      .map(({ at }) => at / 1_000),
  );

const statuses = ({ samples }: LoadResult): string => {
  const counts = new Map<number, number>();
  for (const { status } of samples) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
};

main()
  .catch((error: Error) => check(error.stack ?? error.message, false))
  .finally(() => {
    print(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
  });
