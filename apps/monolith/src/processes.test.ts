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
import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '@bulkhead/testing/rabbitmq';
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
  let dataDir: string;
  let client: ShopClient;

  beforeAll(async () => {
    [dataDir, broker] = await Promise.all([makeDataDir(), createTestBroker()]);
    shop = await startShop({
      command: 'services',
      dataDir,
      environment: { RABBITMQ_URL: broker.url, RABBITMQ_PREFIX: broker.prefix },
    });
    client = createShopClient(shop.origin);
  }, 200_000);
  afterAll(async () => {
    expect(await shop.stop()).toBe(0);
    await broker.drop();
    await removeDataDir(dataDir);
  }, 90_000);

  describeShop(() => shop.origin);

  describe('with one service gone', () => {
    let ada: Person;
    let productId: string;
    beforeAll(async () => {
      ada = await register(client);
      ({ productId } = await plentifulProduct(client));
    });

    const pidOf = async (name: string): Promise<number> => {
      const running = JSON.parse(
        await readFile(path.join(dataDir, 'processes/running.json'), 'utf8'),
      ) as Record<string, { pid: number }>;
      return running[name]!.pid;
    };
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
      const stop = await startAgain('payment');
      await eventually(async () => expect(await status(answer.body.id as string)).toBe('confirmed'), {
        timeoutMs: 60_000,
      });
      await stop();
    }, 90_000);
  });
});
