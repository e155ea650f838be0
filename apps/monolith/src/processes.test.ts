import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Answer,
  buy,
  createShopClient,
  type Person,
  plentifulProduct,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { createPrivateValues } from '@bulkhead/app/acceptance/src/private-values';
import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { eventually } from '@bulkhead/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import { createTestBroker, type TestBroker } from '@bulkhead/testing/rabbitmq';
import { describeBoundedSeries } from './testing/describe-bounded-series';
import { describeOrderTrace } from './testing/describe-order-trace';
import { describePrivateSignals } from './testing/describe-private-signals';
import { expectLateSteps } from './testing/late-steps';
import {
  makeDataDir,
  removeDataDir,
  type RunningShop,
  startProcess,
  startShop,
} from './testing/running-shop';

describe('the shop as nine processes', () => {
  let shop: RunningShop;
  let broker: TestBroker;
  let collector: OtlpReceiver;
  let dataDir: string;
  let client: ShopClient;
  const privateValues = createPrivateValues();

  beforeAll(async () => {
    [dataDir, broker, collector] = await Promise.all([
      makeDataDir(),
      createTestBroker(),
      startOtlpReceiver(),
    ]);
    shop = await startShop({
      command: 'services',
      dataDir,
      environment: {
        RABBITMQ_URL: broker.url,
        RABBITMQ_PREFIX: broker.prefix,
        LOG_LEVEL: 'debug',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        TRACES_RATIO: '1',
      },
    });
    client = createShopClient(shop.origin, privateValues.overhear);
  }, 200_000);
  afterAll(async () => {
    expect(await shop.stop()).toBe(0);
    await collector.close();
    await broker.drop();
    await removeDataDir(dataDir);
  }, 90_000);

  const running = async (): Promise<Record<string, { pid: number; adminPort: number }>> =>
    JSON.parse(await readFile(path.join(dataDir, 'processes/running.json'), 'utf8'));
  const metrics = async (): Promise<string> => {
    const ports = Object.values(await running()).map(({ adminPort }) => adminPort);
    const scrape = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return (await Promise.all(ports.map(scrape))).join('\n');
  };

  describeShop(() => shop.origin, privateValues.overhear);
  describeOrderTrace({ client: () => client, receiver: () => collector, metrics, carrier: 'rabbitmq' });
  describePrivateSignals({ shop: () => shop, spans: () => collector.spans, privateValues, metrics });
  describeBoundedSeries({
    origin: () => shop.origin,
    people: () => Promise.all(Array.from({ length: 20 }, () => register(client))),
    metrics,
  });

  it('a dead collector costs the spans, counted, and nothing else; they go out again when it is back', async () => {
    const ada = await register(client);
    const { productId } = await plentifulProduct(client);
    const port = Number(new URL(collector.endpoint).port);
    await collector.close();
    for (let n = 0; n < 20; n++) expect((await buy(client, ada, { productId })).status).toBe(201);
    await eventually(async () => {
      const dropped = [...(await metrics()).matchAll(/^trace_spans_total\{.*"dropped".*\} (\d+)/gm)];
      expect(Math.max(...dropped.map(([, count]) => Number(count)))).toBeGreaterThan(0);
    });
    collector = await startOtlpReceiver('accept', port);
    await eventually(async () => {
      expect((await buy(client, ada, { productId })).status).toBe(201);
      expect(collector.spans.map(({ name }) => name)).toContain('order.saga');
    });
  }, 60_000);

  describe('with one service gone', () => {
    let ada: Person;
    let productId: string;
    beforeAll(async () => {
      ada = await register(client);
      ({ productId } = await plentifulProduct(client));
    });

    const pidOf = async (name: string): Promise<number> => (await running())[name]!.pid;
    /** Starts a service again as a person would; the returned function ends it. */
    const startAgain = async (name: string) => {
      const { owned } = await startProcess({ command: 'services', dataDir, words: [name] });
      return () => owned.stop();
    };
    const status = async (id: string) =>
      (await client.call(`/api/v1/orders/${id}`, { token: ada.token })).body.status as string;

    it('the others serve: without search, people buy, and it comes back alone', async () => {
      process.kill(await pidOf('search'), 'SIGKILL');
      await eventually(async () => expect((await client.call('/api/v1/search?q=kettle')).status).toBe(503));
      expect((await buy(client, ada, { productId })).status).toBe(201);
      const stop = await startAgain('search');
      await eventually(async () => expect((await client.call('/api/v1/search?q=kettle')).status).toBe(200), {
        timeoutMs: 30_000,
      });
      await stop();
    }, 90_000);

    it('an order is confirmed without notification, and told once when it is back', async () => {
      process.kill(await pidOf('notification'), 'SIGTERM');
      await eventually(async () =>
        expect((await client.call('/api/v1/notifications', { token: ada.token })).status).toBe(503),
      );
      const bought = await buy(client, ada, { productId });
      expect(bought.status).toBe(201);
      const stop = await startAgain('notification');
      const inbox = () => client.call('/api/v1/notifications', { token: ada.token });
      await eventually(
        async () => {
          const answer: Answer = await inbox();
          const told = answer.body.items.filter(
            (each: { orderId: string }) => each.orderId === bought.body.id,
          );
          expect(told).toHaveLength(1);
        },
        { timeoutMs: 30_000 },
      );
      await stop();
    }, 90_000);

    it('a payment service that hangs leaves orders pending, inside the budget, and they finish when it goes on', async () => {
      const payment = await pidOf('payment');
      process.kill(payment, 'SIGSTOP');
      let answer: Answer;
      try {
        answer = await buy(client, ada, { productId });
      } finally {
        process.kill(payment, 'SIGCONT');
      }
      expect(answer.status).toBe(202);
      expect(answer.headers.get('location')).toBe(`/api/v1/orders/${answer.body.id}`);
      await eventually(async () => expect(await status(answer.body.id as string)).toBe('confirmed'), {
        timeoutMs: 60_000,
      });
    }, 90_000);

    it('a dead payment service leaves orders pending, and they finish when it is back', async () => {
      process.kill(await pidOf('payment'), 'SIGKILL');
      const answer = await buy(client, ada, { productId });
      expect(answer.status).toBe(202);
      const more = Array.from({ length: 12 }, () => buy(client, ada, { productId }));
      expect((await Promise.all(more)).map((each) => each.status)).toEqual(Array(12).fill(202));
      const stop = await startAgain('payment');
      await eventually(async () => expect(await status(answer.body.id as string)).toBe('confirmed'), {
        timeoutMs: 60_000,
      });
      await stop();
      await eventually(() => Promise.resolve(expectLateSteps(collector.spans, answer.body.id as string)));
    }, 90_000);
  });
});
