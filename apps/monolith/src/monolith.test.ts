import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createShopClient } from '@bulkhead/app/acceptance/src/client';
import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { freePort } from '@bulkhead/development/free-ports';
import { withClient } from '@bulkhead/database/admin-client';
import { eventually } from '@bulkhead/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import { definitions } from './definitions';
import { describeGarbage } from './testing/describe-garbage';
import { describeHttpEdges } from './testing/describe-http-edges';
import { describeOrderTrace } from './testing/describe-order-trace';
import { describeOwnDatabases } from './testing/describe-own-databases';
import { describeRefunds } from './testing/describe-refunds';
import { tableQueues } from './testing/queues';
import { describeScrapedMetrics, scrapeOpenMetrics } from './testing/describe-scraped-metrics';
import {
  makeDataDir,
  removeDataDir,
  type RunningShop,
  startProcess,
  startShop,
} from './testing/running-shop';

describe('the shop in one process', () => {
  let shop: RunningShop;
  let dataDir: string;
  let collector: OtlpReceiver;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    collector = await startOtlpReceiver();
    shop = await startShop({
      command: 'monolith',
      dataDir,
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TRACES_RATIO: '1' },
    });
  }, 150_000);
  afterAll(async () => {
    expect(await shop.stop()).toBe(0);
    await collector.close();
    await removeDataDir(dataDir);
  }, 60_000);

  describeShop(() => shop.origin);
  describeOrderTrace({
    client: () => createShopClient(shop.origin),
    receiver: () => collector,
    metrics: () => scrapeOpenMetrics(shop.admin),
    carrier: 'in_process',
  });
  describeScrapedMetrics(async () => [shop.admin]);
  describeRefunds({ client: () => createShopClient(shop.origin), dataDir: () => dataDir });
  describeHttpEdges({ client: () => createShopClient(shop.origin), dataDir: () => dataDir });
  describeGarbage({
    client: () => createShopClient(shop.origin),
    queues: () => tableQueues(dataDir),
    metrics: () => scrapeOpenMetrics(shop.admin),
  });
  describeOwnDatabases(() => dataDir);

  it('shows at /ops what was asked of it, down to the statements', async () => {
    expect(shop.output()).toContain(`${shop.origin}/ops\n`);
    expect((await fetch(`${shop.origin}/ops`)).status).toBe(200);
    expect((await fetch(`${shop.origin}/api/v1/products?limit=1`)).status).toBe(200);
    // A span ends a moment after its answer has left.
    await eventually(async () => {
      const { routes, traces }: any = await (await fetch(`${shop.origin}/ops/data`)).json();
      const asked = routes.find(
        ({ service, route }: any) => service === 'gateway' && route === '/api/v1/products',
      );
      expect(asked.statuses['200']).toBeGreaterThan(0);
      const trace = traces.find(({ name }: any) => name === 'GET /api/v1/products');
      expect(trace).toMatchObject({ service: 'gateway', status: 200, failed: false });
      expect(trace.spans.map(({ service, kind }: any) => `${service} ${kind}`)).toEqual(
        expect.arrayContaining(['gateway server', 'gateway client', 'product server', 'product client']),
      );
    });
  });

  it('reports the state of its migrations, and accepts the decision of an operator', async () => {
    const migrate = async (...words: string[]) => {
      const { owned, output } = await startProcess({ command: 'migrate', dataDir, words });
      return { code: await owned.ended, output: output() };
    };
    const status = await migrate('status');
    expect(status).toMatchObject({ code: 0 });
    expect(status.output).toMatch(/^auth\napplied {2}\d+_accounts_and_sessions\n/);
    expect(status.output.match(/^\w+$/gm)).toHaveLength(
      definitions.filter(({ database }) => database).length,
    );
    expect(status.output).not.toMatch(/pending|failed/);

    const [, name = ''] = /applied {2}(\d+_catalog)/.exec(status.output) ?? [];
    expect(await migrate('product', 'resolve', name, 'applied')).toEqual({
      code: 1,
      output: `product: ${name} is already applied\n`,
    });
    expect((await migrate('product', 'resolve', name, 'rolled-back')).code).toBe(0);
    expect((await migrate('product', 'status')).output).toContain(name);
    expect((await migrate('product', 'status')).output).toMatch(/pending|failed/);
    expect((await migrate('product', 'resolve', name, 'applied')).code).toBe(0);
    expect((await migrate('resolve', name, 'applied')).output).toContain('Name a service');
    expect(await migrate('order')).toEqual({ code: 0, output: 'order: up to date\n' });
  }, 60_000);

  it('is not started a second time on the same data, and says why', async () => {
    const { owned, output } = await startProcess({ command: 'monolith', dataDir });
    expect(await owned.ended).not.toBe(0);
    expect(output()).toMatch(/cannot start: .* is in use by process \d+; stop that first/);
    expect((await fetch(`${shop.origin}/api/v1/categories`)).status).toBe(200);
  });
});

describe('a start', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await makeDataDir();
  });
  const started: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((owned) => owned.stop()));
    await removeDataDir(dataDir);
  });

  /** What it said on its way out, before anything was made that a next start would find. */
  const refusal = async (...words: Parameters<typeof startProcess>) => {
    const { owned, output } = await startProcess(...words);
    started.push(owned);
    expect(await owned.ended).not.toBe(0);
    expect(output()).not.toMatch(/^ +at /m);
    return output();
  };

  it.each([
    ['monolith', 'PORT'],
    ['monolith', 'ADMIN_PORT'],
    ['services', 'PORT'],
    ['services', 'ADMIN_PORT'],
  ] as const)('of the %s on a busy %s says so, and has touched nothing', async (command, name) => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    const said = await refusal({ command, dataDir, environment: { [name]: String(port) } });
    expect(said).toMatch(new RegExp(`cannot start: listen EADDRINUSE.*:${port}.*set PORT or ADMIN_PORT`));
    expect(await readdir(dataDir)).toEqual([]);
    await new Promise((resolve) => busy.close(resolve));
  });

  it('with the address of a server that is not there names the variable', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const start = (command: 'monolith' | 'services', environment: Record<string, string>) =>
      refusal({ command, dataDir, environment });
    expect(
      await start('monolith', { DATABASE_ADMIN_URL: `postgres://me:secret@${nowhere}/postgres` }),
    ).toMatch(
      new RegExp(`^The shop cannot start: DATABASE_ADMIN_URL: PostgreSQL at ${nowhere} .*ECONNREFUSED`),
    );
    expect(await start('services', { RABBITMQ_URL: `amqp://me:secret@${nowhere}` })).toMatch(
      new RegExp(`^The shop cannot start: RABBITMQ_URL: the broker at ${nowhere} .*ECONNREFUSED`),
    );
  }, 60_000);

  it('of one service says that the others are not there', async () => {
    expect(await refusal({ command: 'services', dataDir, words: ['order'] })).toContain(
      'have never run here',
    );
    await mkdir(path.join(dataDir, 'processes'));
    await writeFile(path.join(dataDir, 'processes/order.json'), '{}');
    expect(await refusal({ command: 'services', dataDir, words: ['order'] })).toContain('do not run here');
    expect(await refusal({ command: 'services', dataDir, words: ['orders'] })).toContain('no service orders');
  });

  it('with a wrong setting names the variable', async () => {
    const { owned, output } = await startProcess({
      command: 'monolith',
      dataDir,
      environment: { TRACES_RATIO: 'many' },
    });
    expect(await owned.ended).toBe(78);
    expect(output()).toContain('TRACES_RATIO');
  });

  it('after a killed one works, keeps existing data unless it is of another version, and starts from scratch only on request', async () => {
    const orders = async (shop: RunningShop) => {
      const login = await fetch(`${shop.origin}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(customerOf(shop)),
      });
      return login.status;
    };
    const first = await startShop({ command: 'monolith', dataDir });
    const known = customerOf(first);
    first.kill('SIGKILL');
    const second = await startShop({ command: 'monolith', dataDir });
    expect(customerOf(second)).toEqual(known);
    expect(await orders(second)).toBe(200);
    const { databases } = JSON.parse(await readFile(path.join(dataDir, 'places.json'), 'utf8'));
    const password = (await readFile(path.join(dataDir, 'postgres/password'), 'utf8')).trim();
    const asAdmin = Object.assign(new URL(databases.order), { username: 'postgres', password });
    await withClient(asAdmin.href, (client) =>
      client.query(
        `insert into _prisma_migrations (id, checksum, migration_name, finished_at)
         values ('later', 'later', '29990101000000_from_the_future', now())`,
      ),
    );
    await second.stop();
    const beginAnew = 'Go back to the version that made it, or begin anew with --fresh';
    const ofLater = await refusal({ command: 'monolith', dataDir });
    expect(ofLater).toContain('The database of order was changed by a later version of the shop');
    expect(ofLater).toContain(`(29990101000000_from_the_future). ${beginAnew}`);
    await writeFile(path.join(dataDir, 'postgres/cluster/PG_VERSION'), '9\n');
    expect(await refusal({ command: 'monolith', dataDir })).toMatch(
      new RegExp(`cluster was made by PostgreSQL 9; this is \\d+.*\\. ${beginAnew}`),
    );
    const third = await startShop({ command: 'monolith', dataDir, words: ['--fresh'] });
    expect(customerOf(third).password).not.toBe(known.password);
    await third.stop();
  }, 240_000);
});

/** The example customer, as the shop printed them. */
function customerOf(shop: RunningShop): { email: string; password: string } {
  const [, email = '', password = ''] = /customer\s+(\S+)\s+(\S+)/.exec(shop.output()) ?? [];
  return { email, password };
}
