import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSimulatedProvider } from '@bulkhead/app/payment/src/simulated-provider/server';
import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { orderConfirmed } from '@bulkhead/contracts/order/events';
import { type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { systemClock } from '@bulkhead/resilience/clock';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import pg from 'pg';
import { openShop, type OpenOptions, type OpenShop } from '../open-shop';

/** An order that went well, by its ids. */
export interface HealthyOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly eventId: string;
  readonly paymentId: string;
  readonly key: string;
}

export interface PlantedShop {
  readonly shop: OpenShop;
  readonly order: HealthyOrder;
  /** Runs a statement as superuser, with the triggers that protect the ledger off. */
  plant(service: ServiceName, text: string, values?: readonly unknown[]): Promise<void>;
  /** Asks the provider as the shop would, or as it never should. */
  askProvider(route: string, key: string, body: object): Promise<{ id: string }>;
  deliverMail(eventId: string): Promise<void>;
  /** The same places, looked at with other options. */
  reopen(options: OpenOptions): OpenShop;
  close(): Promise<void>;
}

/** The databases of a shop, real ones, in which one shop after the other is planted. */
export interface PlantBed {
  plantShop(): Promise<PlantedShop>;
  drop(): Promise<void>;
}

const total = 1_250;
/** Filled by migrations, and expected to be there. */
const kept = new Set(['_prisma_migrations', 'index_pointer', 'rebuild']);

export async function createPlantBed(): Promise<PlantBed> {
  const databases = new Map<ServiceName, TestDatabase>();
  const clients = new Map<ServiceName, pg.Client>();
  for (const service of serviceNames.filter((name) => name !== 'gateway')) {
    const database = await createTestDatabase({
      service,
      migrationsDir: path.join(__dirname, '../../../apps', service, 'prisma/migrations'),
      ...(service === 'search' ? { extensions: ['pg_trgm', 'unaccent'] } : {}),
    });
    databases.set(service, database);
    const client = new pg.Client(database.adminUrl);
    await client.connect();
    await client.query('set session_replication_role = replica');
    clients.set(service, client);
  }
  const plant: PlantedShop['plant'] = async (service, text, values = []) =>
    void (await clients.get(service)!.query(text, [...values]));

  return {
    async plantShop() {
      await Promise.all([...clients.values()].map(clear));
      return plantShop(databases, plant);
    },
    async drop() {
      await Promise.all([...clients.values()].map((client) => client.end()));
      await Promise.all([...databases.values()].map((database) => database.drop()));
    },
  };
}

async function clear(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const tables = rows.map(({ name }) => name).filter((name) => !kept.has(name));
  await client.query(tables.map((table) => `delete from ${table}`).join('; '));
}

/** A provider, a mailbox, and one confirmed order as the services would leave it; each test plants its own mistake. */
async function plantShop(
  databases: ReadonlyMap<ServiceName, TestDatabase>,
  plant: PlantedShop['plant'],
): Promise<PlantedShop> {
  const provider = await startSimulatedProvider({
    port: 0,
    clock: systemClock,
    webhookSecret: 'a secret of the tests',
  });
  const mailbox = await mkdtemp(path.join(tmpdir(), 'bulkhead-mailbox-'));
  const places = {
    databases: Object.fromEntries([...databases].map(([service, { url }]) => [service, url])),
    providerUrl: provider.url,
    mailbox,
  };
  const askProvider: PlantedShop['askProvider'] = async (route, key, body) => {
    const response = await fetch(new URL(route, provider.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string };
  };
  const deliverMail = (eventId: string) =>
    writeFile(
      path.join(mailbox, `${randomUUID()}.eml`),
      `Subject: hello\r\nMessage-ID:\r\n <${eventId}@shop.example>\r\n\r\nhi`,
    );

  const opened = new Set<OpenShop>();
  const reopen = (options: OpenOptions): OpenShop => {
    const shop = openShop(places, options);
    opened.add(shop);
    return shop;
  };
  const close = async () => {
    await Promise.all([...opened].map((shop) => shop.close()));
    await provider.stop();
    await rm(mailbox, { recursive: true, force: true });
  };
  try {
    const order = await plantHealthyOrder({ plant, askProvider, deliverMail });
    const { orderId, userId, key } = order;
    const shop = reopen({ acknowledged: [{ orderId, status: 201, userId, key }] });
    return { shop, order, plant, askProvider, deliverMail, reopen, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function plantHealthyOrder({
  plant,
  askProvider,
  deliverMail,
}: Pick<PlantedShop, 'plant' | 'askProvider' | 'deliverMail'>): Promise<HealthyOrder> {
  const [orderId, userId, eventId, paymentId, key] = Array.from({ length: 5 }, () => randomUUID()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const productId = randomUUID();
  await plant(
    'auth',
    `insert into accounts (id, email, name, password_hash)
      values ($1, 'ada@people.example', 'Ada', 'a hash')`,
    [userId],
  );
  await plant(
    'profile',
    `insert into profiles (user_id, email, name) values ($1, 'ada@people.example', 'Ada')`,
    [userId],
  );
  await plant(
    'product',
    `insert into product (id, sku, slug, name, description, category, price, currency)
      values ($1, 'KETTLE', 'kettle', 'Kettle', 'Boils', 'kitchen', ${total / 2}, 'EUR')`,
    [productId],
  );
  await plant('search', 'update index_pointer set active = 1, last = 1');
  await plant(
    'search',
    `insert into indexed_product (generation, product_id, version, deleted, sku, slug, name, description, category,
      price, currency, name_key, words, document)
      values (1, $1, 1, false, 'KETTLE', 'kettle', 'Kettle', 'Boils', 'kitchen', 625, 'EUR', 'kettle', 'kettle', 'kettle')`,
    [productId],
  );
  await plant('inventory', `insert into stock (sku, on_hand, reserved, sold) values ('KETTLE', 8, 0, 2)`);
  await plant(
    'inventory',
    `insert into movement (id, sku, delta, reason, after_on_hand, after_reserved, after_sold, after_version)
      values (gen_random_uuid(), 'KETTLE', 10, 'delivery', 10, 0, 0, 1)`,
  );
  await plant(
    'inventory',
    `insert into reservation (order_id, state, lines, expires_at)
      values ($1, 'committed', '[{"sku": "KETTLE", "quantity": 2}]', now())`,
    [orderId],
  );
  await plant(
    'order',
    `insert into orders (id, user_id, state, version, total_amount, currency, expires_at)
      values ($1, $2, 'confirmed', 5, ${total}, 'EUR', now() + interval '15 min')`,
    [orderId, userId],
  );
  await plant(
    'order',
    `insert into order_line (order_id, position, product_id, sku, name, quantity, unit_price)
      values ($1, 1, $2, 'KETTLE', 'Kettle', 2, ${total / 2})`,
    [orderId, productId],
  );
  await plant(
    'order',
    `insert into order_transition (order_id, sequence, state, at)
      select $1, number, state, now() + number * interval '10 ms'
      from unnest(array['placed', 'reserved', 'authorised', 'committed', 'confirmed']) with ordinality as step(state, number)`,
    [orderId],
  );
  await plant(
    'order',
    `insert into idempotency_key (user_id, scope, key, fingerprint, order_id, lease_until, expires_at, status)
      values ($1, 'POST /orders', $2, '', $3, now(), now() + interval '1 day', 201)`,
    [userId, key, orderId],
  );
  await plant(
    'order',
    `insert into outbox (id, type, subject, payload, sent_at) values ($1, 'order.confirmed.v1', $2, '{}', now())`,
    [eventId, orderId],
  );
  for (const { group, service, events } of Object.values<SubscriptionDefinition>(subscriptions))
    if (events.includes(orderConfirmed))
      await plant(service, 'insert into inbox (consumer_group, event_id) values ($1, $2)', [group, eventId]);
  await plant(
    'notification',
    `insert into notification (id, user_id, sequence, template, facts)
      values (gen_random_uuid(), $1, 1, 'order-confirmed', jsonb_build_object('orderId', $2::text))`,
    [userId, orderId],
  );
  await plant(
    'notification',
    `insert into mail (event_id, template, user_id, facts, state, expires_at, ended_at)
      values ($1, 'order-confirmed', $2, jsonb_build_object('orderId', $3::text), 'sent', now() + interval '1 day', now())`,
    [eventId, userId, orderId],
  );
  await deliverMail(eventId);
  const charge = await askProvider('/charges', `${orderId}:authorise`, {
    orderId,
    amount: total,
    currency: 'EUR',
    paymentMethod: 'pm_ok',
  });
  await askProvider(`/charges/${charge.id}/capture`, `${orderId}:capture`, { amount: total });
  await plant(
    'payment',
    `insert into payments (id, order_id, user_id, provider, status, currency, amount, captured, provider_reference)
      values ($1, $2, $3, 'simulated', 'captured', 'EUR', ${total}, ${total}, $4)`,
    [paymentId, orderId, userId, charge.id],
  );
  await plant(
    'payment',
    `insert into provider_attempts (id, payment_id, operation, idempotency_key, outcome)
      values (gen_random_uuid(), $1, 'capture', $2, 'done')`,
    [paymentId, `${orderId}:capture`],
  );
  await plant(
    'payment',
    `with booked as (
      insert into ledger_transactions (id, payment_id, kind) values (gen_random_uuid(), $1, 'capture') returning id
    ) insert into ledger_entries (transaction_id, account, currency, amount)
      select id, account, 'EUR', amount from booked, (values ('provider_receivable', ${total}), ('sales', -${total})) as entry(account, amount)`,
    [paymentId],
  );
  return { orderId, userId, eventId, paymentId, key };
}
