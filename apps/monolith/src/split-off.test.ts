import {
  buy,
  createShopClient,
  type Person,
  plentifulProduct,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { eventually } from '@bulkhead/testing/eventually';
import { type ShopPlaces, readPlaces } from './local/places';
import { caughtMails } from './testing/caught-mails';
import {
  makeDataDir,
  removeDataDir,
  type RunningShop,
  startProcess,
  startShop,
} from './testing/running-shop';

// Between them they are called by services of the other process, call them, make the keys of users, and hear and send events.
const splitOff = ['auth', 'order', 'notification'] as const;

describe('the shop in one process, but for three services', () => {
  let shop: RunningShop;
  let broker: TestBroker;
  let dataDir: string;
  let client: ShopClient;
  let ada: Person;
  let processes: NonNullable<ShopPlaces['processes']>;

  beforeAll(async () => {
    [dataDir, broker] = await Promise.all([makeDataDir(), createTestBroker()]);
    shop = await startShop({
      command: 'monolith',
      dataDir,
      environment: {
        SPLIT_OFF: splitOff.join(','),
        RABBITMQ_URL: broker.url,
        RABBITMQ_PREFIX: broker.prefix,
        RABBITMQ_MANAGEMENT_URL: process.env['RABBITMQ_MANAGEMENT_URL'] ?? '',
      },
    });
    client = createShopClient(shop.origin);
    ada = await register(client);
    processes = (await readPlaces(dataDir)).processes!;
  }, 150_000);
  afterAll(async () => {
    expect(await shop.stop()).toBe(0);
    await broker.drop();
    await removeDataDir(dataDir);
  }, 60_000);

  it('has a process for each of them, and one for all others', () => {
    const pids = new Set(Object.values(processes).map(({ pid }) => pid));
    expect(pids.size).toBe(splitOff.length + 1);
    for (const [name, { pid }] of Object.entries(processes))
      expect({ name, isHere: pid === shop.pid }).toEqual({
        name,
        isHere: !(splitOff as readonly string[]).includes(name),
      });
  });

  it('takes an order through both, and sends the mail about it', async () => {
    const { productId } = await plentifulProduct(client);
    const { status, body } = await buy(client, ada, { productId });
    expect({ status, body }).toMatchObject({ status: 201, body: { status: 'confirmed' } });
    await eventually(async () => {
      const mails = (await caughtMails(`${dataDir}/mail`)).filter((mail) => mail.includes(body.id));
      expect(mails).toHaveLength(1);
      expect(mails[0]).toContain(ada.email);
    });
  });

  it('goes on without one that was killed, which can be started again', async () => {
    process.kill(processes.order!.pid!, 'SIGKILL');
    const { productId } = await plentifulProduct(client);
    await eventually(async () => expect((await buy(client, ada, { productId })).status).toBe(503));
    expect((await client.call('/api/v1/products?limit=1')).status).toBe(200);
    expect(shop.output()).toContain('Start it again with: npm run services -- order');

    const again = await startProcess({ command: 'services', dataDir, words: ['order'] });
    try {
      await eventually(async () => expect((await buy(client, ada, { productId })).status).toBe(201), {
        timeoutMs: 30_000,
        everyMs: 200,
      });
    } finally {
      await again.owned.stop();
    }
  }, 60_000);
});

it.each(['gateway', 'warehouse', 'order,gateway'])('SPLIT_OFF=%s is refused', async (names) => {
  const dataDir = await makeDataDir();
  const { owned, output } = await startProcess({
    command: 'monolith',
    dataDir,
    environment: { SPLIT_OFF: names },
  });
  expect(await owned.ended).toBe(78);
  expect(output()).toContain('must be names of services other than gateway, separated by commas');
  await removeDataDir(dataDir);
});
