import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type Answer,
  buy,
  createShopClient,
  type Person,
  plentifulProduct,
  register,
  registerPeople,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { createPrivateValues } from '@bulkhead/app/acceptance/src/private-values';
import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { withClient } from '@bulkhead/database/admin-client';
import { eventually } from '@bulkhead/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import { type ConfirmChannel, connect } from 'amqplib';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { caughtMails } from './testing/caught-mails';
import { describeBoundedSeries } from './testing/describe-bounded-series';
import { describeGarbage } from './testing/describe-garbage';
import { describeHttpEdges } from './testing/describe-http-edges';
import { describeOrderTrace } from './testing/describe-order-trace';
import { describeOwnDatabases } from './testing/describe-own-databases';
import { describePrivateSignals } from './testing/describe-private-signals';
import { describeRefunds } from './testing/describe-refunds';
import { describeScrapedMetrics, scrapeOpenMetrics } from './testing/describe-scraped-metrics';
import { expectLateSteps } from './testing/late-steps';
import { brokerQueues } from './testing/queues';
import {
  makeDataDir,
  removeDataDir,
  type RunningShop,
  startProcess,
  startShop,
} from './testing/running-shop';

const run = promisify(execFile);

describe('the shop as nine processes', () => {
  let shop: RunningShop;
  let broker: TestBroker;
  let collector: OtlpReceiver;
  let dataDir: string;
  let client: ShopClient;
  let queues: Awaited<ReturnType<typeof brokerQueues>>;
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
        // A user for each service is made there, so all that follows is done with what one may do.
        RABBITMQ_MANAGEMENT_URL: process.env['RABBITMQ_MANAGEMENT_URL'] ?? '',
      },
    });
    client = createShopClient(shop.origin, privateValues.overhear);
    queues = await brokerQueues(broker.url, broker.prefix);
  }, 200_000);
  afterAll(async () => {
    await queues.close();
    expect(await shop.stop()).toBe(0);
    await collector.close();
    await broker.drop();
    await removeDataDir(dataDir);
  }, 90_000);

  const running = async (): Promise<Record<string, { pid: number; adminPort: number }>> =>
    JSON.parse(await readFile(path.join(dataDir, 'processes/running.json'), 'utf8'));
  const admins = async () =>
    Object.values(await running()).map(({ adminPort }) => `http://127.0.0.1:${adminPort}`);
  const metrics = async () => (await Promise.all((await admins()).map(scrapeOpenMetrics))).join('\n');

  describeShop(() => shop.origin, privateValues.overhear);
  describeOrderTrace({ client: () => client, receiver: () => collector, metrics, carrier: 'rabbitmq' });
  describePrivateSignals({ shop: () => shop, spans: () => collector.spans, privateValues, metrics });
  describeBoundedSeries({
    origin: () => shop.origin,
    people: () => registerPeople(client, 20),
    metrics,
  });
  describeScrapedMetrics(admins);
  describeRefunds({ client: () => client, dataDir: () => dataDir });
  describeHttpEdges({ client: () => client, dataDir: () => dataDir });
  describeGarbage({ client: () => client, queues: () => queues, metrics });
  describeOwnDatabases(() => dataDir);

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

  it('gives each service a broker user that reads its own queues alone, and writes into no other', async () => {
    const urlOf = async (name: string) =>
      (
        JSON.parse(await readFile(path.join(dataDir, `processes/${name}.json`), 'utf8')) as {
          RABBITMQ_URL?: string;
        }
      ).RABBITMQ_URL;
    const attempt = async (name: string, act: (channel: ConfirmChannel) => Promise<unknown>) => {
      const connection = await connect((await urlOf(name))!);
      try {
        const channel = await connection.createConfirmChannel();
        const refused = new Promise<string>((resolve) =>
          channel.once('error', (error: Error) => resolve(error.message)),
        );
        return await Promise.race([
          refused,
          act(channel).then(
            () => 'done',
            () => refused,
          ),
        ]);
      } finally {
        await connection.close();
      }
    };
    const read = (channel: ConfirmChannel) => channel.get('bulkhead.notification.orders.dead');
    const forge = (channel: ConfirmChannel) => {
      channel.sendToQueue('bulkhead.auth.erasure', Buffer.from('{}'));
      return channel.waitForConfirms();
    };
    expect(await urlOf('gateway')).toBeUndefined();
    expect(await attempt('notification', read)).toBe('done');
    expect(await attempt('payment', read)).toContain('ACCESS_REFUSED');
    expect(await attempt('search', forge)).toContain('ACCESS_REFUSED');
  });

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
    const reconcile = (...words: string[]) =>
      run(process.execPath, [
        'tools/shop/reconcile.ts',
        '--data-dir',
        dataDir,
        '--wait',
        '1',
        ...words,
      ]).catch((error: { stdout: string; code: number }) => error);
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

    it('an order is confirmed without notification, and the buyer is notified once when it is back', async () => {
      process.kill(await pidOf('notification'), 'SIGTERM');
      await eventually(async () =>
        expect((await client.call('/api/v1/notifications', { token: ada.token })).status).toBe(503),
      );
      const bought = await buy(client, ada, { productId });
      expect(bought.status).toBe(201);
      const stop = await startAgain('notification');
      const isToldOnce = (order: Answer) =>
        eventually(
          async () => {
            const response = await client.call('/api/v1/notifications', { token: ada.token });
            const told = response.body.items.filter(
              (each: { orderId: string }) => each.orderId === order.body.id,
            );
            expect(told).toHaveLength(1);
            const mails = await caughtMails(path.join(dataDir, 'mail'));
            expect(mails.filter((mail) => mail.includes(`/orders/${order.body.id}`))).toHaveLength(1);
          },
          { timeoutMs: 30_000 },
        );
      await isToldOnce(bought);
      // What was to come a second time would have come before what is told later.
      await isToldOnce(await buy(client, ada, { productId }));
      await isToldOnce(bought);
      await stop();
    }, 90_000);

    it('one whose database is restored from a backup gets the lost events again, and nobody is notified twice', async () => {
      const password = (await readFile(path.join(dataDir, 'postgres/password'), 'utf8')).trim();
      const { databases } = JSON.parse(await readFile(path.join(dataDir, 'places.json'), 'utf8')) as {
        databases: Record<string, string>;
      };
      const database = new URL(databases['notification']!);
      const name = database.pathname.slice(1);
      const admin = (text: string) =>
        withClient(`postgres://postgres:${password}@${database.host}/postgres`, (client) =>
          client.query(text),
        );
      const toldOf = async (order: Answer) => {
        const { body } = await client.call('/api/v1/notifications?limit=100', { token: ada.token });
        return body.items.filter((each: { orderId: string }) => each.orderId === order.body.id);
      };
      const isTold = (order: Answer, times: number) =>
        eventually(async () => expect(await toldOf(order)).toHaveLength(times), { timeoutMs: 30_000 });

      let stop = await startAgain('notification');
      const kept = await buy(client, ada, { productId });
      await isTold(kept, 1);
      await stop();
      await admin(`create database restored template ${name} owner notification_owner`);
      const since = new Date().toISOString();
      stop = await startAgain('notification');
      const lost = await buy(client, ada, { productId });
      await isTold(lost, 1);
      await stop();
      await admin(`drop database ${name}`);
      await admin(`alter database restored rename to ${name}`);
      stop = await startAgain('notification');
      await isTold(lost, 0);

      const { stdout } = await reconcile('--resend', 'notification', '--since', since);
      expect(stdout).toMatch(/^order: [1-9]\d* events are sent again$/m);
      await isTold(lost, 1);
      await isTold(kept, 1);
      // Search is still away, so not all is well; but what notification hears is.
      const compared = await reconcile();
      expect(compared.stdout).toContain('events-reach-their-groups');
      expect(compared.stdout).not.toContain('never handled by notification');
      await stop();
    }, 180_000);

    it('a payment service that hangs leaves orders pending, inside the budget, and they finish when it goes on', async () => {
      const payment = await pidOf('payment');
      process.kill(payment, 'SIGSTOP');
      let response: Answer;
      try {
        response = await buy(client, ada, { productId });
      } finally {
        process.kill(payment, 'SIGCONT');
      }
      expect(response.status).toBe(202);
      expect(response.headers.get('location')).toBe(`/api/v1/orders/${response.body.id}`);
      await eventually(async () => expect(await status(response.body.id as string)).toBe('confirmed'), {
        timeoutMs: 60_000,
      });
    }, 90_000);

    it('a dead payment service leaves orders pending, and they finish when it is back', async () => {
      process.kill(await pidOf('payment'), 'SIGKILL');
      const response = await buy(client, ada, { productId });
      expect(response.status).toBe(202);
      const more = Array.from({ length: 12 }, () => buy(client, ada, { productId }));
      expect((await Promise.all(more)).map((each) => each.status)).toEqual(Array(12).fill(202));
      const stop = await startAgain('payment');
      await eventually(async () => expect(await status(response.body.id as string)).toBe('confirmed'), {
        timeoutMs: 60_000,
      });
      await stop();
      await eventually(() => Promise.resolve(expectLateSteps(collector.spans, response.body.id as string)));
    }, 90_000);

    it('what was started again ends with the others', async () => {
      const { owned } = await startProcess({ command: 'services', dataDir, words: ['search'] });
      await eventually(async () => expect((await client.call('/api/v1/search?q=kettle')).status).toBe(200), {
        timeoutMs: 30_000,
      });
      expect(await shop.stop()).toBe(0);
      expect(await owned.ended).toBe(0);
    }, 90_000);
  });
});
