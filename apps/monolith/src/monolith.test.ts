import { createServer } from 'node:net';
import { createShopClient } from '@bulkhead/app/acceptance/src/client';
import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { eventually } from '@bulkhead/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import { describeOrderTrace } from './testing/describe-order-trace';
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
    metrics: async () => (await fetch(`${shop.admin}/metrics`)).text(),
    carrier: 'in_process',
  });

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

  it('tells how the migrations of its databases stand, and takes the word of an operator', async () => {
    const migrate = async (...words: string[]) => {
      const { owned, output } = await startProcess({ command: 'migrate', dataDir, words });
      return { code: await owned.ended, output: output() };
    };
    const status = await migrate('status');
    expect(status).toMatchObject({ code: 0 });
    expect(status.output).toMatch(/^auth\napplied {2}\d+_accounts_and_sessions\n/);
    expect(status.output.match(/^\w+$/gm)).toHaveLength(8);
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
    expect((await migrate('resolve', name, 'applied')).output).toContain('Say whose');
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
  afterEach(() => removeDataDir(dataDir));

  it('on a busy port says so', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    const { owned, output } = await startProcess({
      command: 'monolith',
      dataDir,
      environment: { PORT: String(port) },
    });
    expect(await owned.ended).not.toBe(0);
    expect(output()).toMatch(/EADDRINUSE.*set PORT/);
    await new Promise((resolve) => busy.close(resolve));
  }, 60_000);

  it('with a wrong setting names the variable', async () => {
    const { owned, output } = await startProcess({
      command: 'monolith',
      dataDir,
      environment: { TRACES_RATIO: 'many' },
    });
    expect(await owned.ended).toBe(78);
    expect(output()).toContain('TRACES_RATIO');
  });

  it('after one that was killed works, keeps what was there, and begins anew only when asked', async () => {
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
    await second.stop();
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
