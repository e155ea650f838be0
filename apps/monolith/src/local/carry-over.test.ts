import type { EventDefinition, NewEvent } from '@bulkhead/contracts/event';
import { events } from '@bulkhead/contracts/events';
import { reservationExpired } from '@bulkhead/contracts/inventory/events';
import { paymentVoided } from '@bulkhead/contracts/payment/events';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { withClient } from '@bulkhead/database/admin-client';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { encodeEvent } from '@bulkhead/messaging/event-codec';
import { randomIds } from '@bulkhead/service/ids';
import { carryOver } from './carry-over';

const names = ['order', 'payment', 'profile'] as const;
let databases: Map<ServiceName, TestDatabase>;
let urls: Map<ServiceName, { nearUrl: string }>;

beforeEach(async () => {
  databases = new Map();
  for (const service of names)
    databases.set(
      service,
      await createTestDatabase({ service, migrationsDir: `apps/${service}/prisma/migrations` }),
    );
  urls = new Map([...databases].map(([service, { url }]) => [service, { nearUrl: url }]));
});
afterEach(() => Promise.all([...databases.values()].map((database) => database.drop())));

const ask = async (service: ServiceName, text: string, values: unknown[] = []) =>
  (await withClient(urls.get(service)!.nearUrl, (client) => client.query(text, values))).rows as unknown[];

const eventOf = <D extends EventDefinition>(definition: D, data: NewEvent<D>['data']) =>
  encodeEvent(
    { definition, subject: 'one', aggregateVersion: 1, data },
    {
      catalog: events,
      source: definition.source,
      id: randomIds.next(),
      time: '2026-01-01T00:00:00Z',
      trace: {},
    },
  );
const voided = () => eventOf(paymentVoided, { paymentId: randomIds.next(), orderId: randomIds.next() });
const leave = (reader: ServiceName, group: string, { id, type, ...rest }: { id: string; type: string }) =>
  ask(reader, 'insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, $3, $4)', [
    group,
    id,
    type,
    JSON.stringify({ id, type, ...rest }),
  ]);
const unsent = (service: ServiceName) =>
  ask(service, 'select id, type, subject, payload from outbox where sent_at is null order by position');
const left = async (service: ServiceName) => (await ask(service, 'select message_id from delivery')).length;

it('what waits in the one process is in the outbox of its sender afterwards, once', async () => {
  const waiting = [voided(), voided()];
  for (const event of waiting) await leave('order', 'order.payments', event);
  expect(await carryOver(urls)).toBe(2);
  expect(await unsent('payment')).toEqual(
    waiting.map((event) => ({ id: event.id, type: event.type, subject: 'one', payload: event })),
  );
  expect(await left('order')).toBe(0);
  expect(await carryOver(urls)).toBe(0);
});

it('more than one batch is sent, in the order of coming', async () => {
  const many = Array.from({ length: 230 }, voided);
  await ask(
    'order',
    `insert into delivery (consumer_group, message_id, event_type, body)
      select 'order.payments', event->>'id', event->>'type', event::text
      from jsonb_array_elements($1::jsonb) with ordinality as given (event, place) order by place`,
    [JSON.stringify(many)],
  );
  expect(await carryOver(urls)).toBe(230);
  expect(await unsent('payment')).toEqual(many.map(({ id }) => expect.objectContaining({ id })));
  expect(await left('order')).toBe(0);
});

it('one that two groups wait for, or that is on its way already, is sent once', async () => {
  const event = eventOf(erasureRequested, { userId: randomIds.next(), erasureId: randomIds.next() });
  await leave('order', 'order.erasure', event);
  await leave('payment', 'payment.erasure', event);
  expect(await carryOver(urls)).toBe(2);
  expect(await unsent('profile')).toHaveLength(1);
});

it('what nobody here sends, or could read, stays where it is', async () => {
  const ids = { reservationId: randomIds.next(), orderId: randomIds.next() };
  await leave('order', 'order.reservations', eventOf(reservationExpired, ids));
  await leave('order', 'order.payments', { ...voided(), type: 'wish.granted.v1' });
  await leave('order', 'order.payments', { id: 'no event', type: 'payment.voided.v1' });
  expect(await carryOver(urls)).toBe(0);
  expect(await left('order')).toBe(3);
});
