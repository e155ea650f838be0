import * as auth from '@bulkhead/contracts/auth/events';
import * as order from '@bulkhead/contracts/order/events';
import { erased } from '@bulkhead/contracts/profile/erased';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import type { Notification } from '@bulkhead/contracts/notification/api';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { randomIds } from '@bulkhead/service/ids';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { openStream } from './testing/server-sent-events';
import { deliver, eventOf, setStage, type Stage } from './testing/stage';

let stage: Stage;
let service: TestService;
let replica: TestService;

beforeAll(async () => {
  stage = await setStage();
  service = await stage.start();
  replica = await stage.start({ database: service.testDatabase! });
});
afterAll(() => stage.stop());

const confirmed = (userId: string, orderId = randomIds.next()) =>
  eventOf(subscriptions.notificationOrders, order.orderConfirmed, {
    userId,
    orderId,
    total: { amount: 4_200, currency: 'EUR' },
  });
/** An erasure that was asked for. */
const requestedErasure = (userId: string, erasureId: string) => {
  stage.erasures.requested.set(userId, erasureId);
  return eventOf(subscriptions.notificationErasure, erasureRequested, { userId, erasureId });
};
const registered = (userId: string) =>
  eventOf(subscriptions.notificationUsers, auth.userRegistered, { userId });

interface Answer {
  readonly items: Notification[];
  readonly next: string | null;
  readonly nextCursor: string | null;
  readonly errors: { readonly pointer: string }[];
}
const get = async (path: string, userId: string) => {
  const response = await fetch(`${service.origin}/api/v1/notifications${path}`, {
    headers: await service.as(userId),
  });
  return { status: response.status, body: (await response.json()) as Answer };
};
const inboxOf = async (userId: string, query = '') => (await get(query, userId)).body.items;
const inboxHolds = (userId: string, count: number) =>
  eventually(async () => (await inboxOf(userId)).length === count, { what: `${count} notifications` });
const idle = () =>
  eventually(async () => {
    const { rows } = await service.database.query<{ count: number }>({
      text: 'select count(*)::int as count from delivery',
    });
    return rows[0]?.count === 0;
  });

test('a buyer reads in the shop that the order is confirmed', async () => {
  const { userId } = stage.person();
  const orderId = randomIds.next();
  await deliver(service, confirmed(userId, orderId));
  await inboxHolds(userId, 1);
  expect(await inboxOf(userId)).toEqual([
    expect.objectContaining({
      kind: 'order-confirmed',
      title: 'Your order is confirmed',
      text: expect.stringContaining('€42.00'),
      orderId,
      readAt: null,
    }),
  ]);
});

test('an event delivered many times, to two replicas, notifies once', async () => {
  const { userId } = stage.person();
  const event = confirmed(userId);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([deliver(service, event), deliver(replica, event)]);
    await idle();
  }
  expect(await inboxOf(userId)).toHaveLength(1);
  const { rows } = await service.database.query({
    text: 'select 1 from mail where user_id = $1',
    values: [userId],
  });
  expect(rows).toHaveLength(1);
});

test('mails with a token are no news in the shop', async () => {
  const { userId } = stage.person();
  await deliver(
    service,
    eventOf(subscriptions.notificationUsers, auth.passwordResetRequested, { userId }),
    eventOf(subscriptions.notificationUsers, auth.emailVerificationRequested, { userId }),
    registered(userId),
  );
  await inboxHolds(userId, 1);
  await idle();
  expect((await inboxOf(userId)).map(({ kind }) => kind)).toEqual(['welcome']);
});

test('pages go back to the first notification, and none is on two of them', async () => {
  const { userId } = stage.person();
  await deliver(service, ...Array.from({ length: 7 }, () => confirmed(userId)));
  await inboxHolds(userId, 7);
  const seen: string[] = [];
  let link: string | null = '/api/v1/notifications?limit=3';
  while (link) {
    const { body } = await get(link.slice('/api/v1/notifications'.length), userId);
    seen.push(...body.items.map(({ id }) => id));
    link = body.next;
    expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
  }
  expect(seen).toEqual((await inboxOf(userId)).map(({ id }) => id));
  expect(new Set(seen).size).toBe(7);
});

test('a cursor that is none of ours is refused', async () => {
  const { status, body } = await get('?cursor=bm9uc2Vuc2U', stage.person().userId);
  expect({ status, pointer: body.errors[0]!.pointer }).toEqual({ status: 422, pointer: '/query/cursor' });
});

test('reading takes a notification out of the unread ones, and keeps the time of the first reading', async () => {
  const { userId } = stage.person();
  await deliver(service, confirmed(userId), registered(userId));
  await inboxHolds(userId, 2);
  const first = (await inboxOf(userId))[0]!;
  const read = async () => {
    const response = await fetch(`${service.origin}/api/v1/notifications/${first.id}/read`, {
      method: 'POST',
      headers: await service.as(userId),
    });
    return (await response.json()) as Notification;
  };
  const { readAt } = await read();
  expect(readAt).not.toBeNull();
  expect((await read()).readAt).toBe(readAt);
  expect((await inboxOf(userId, '?unread=true')).map(({ id }) => id)).not.toContain(first.id);
  expect((await inboxOf(userId, '?unread=false')).map(({ id }) => id)).toEqual([first.id]);
});

test('users cannot see or read each other’s notifications', async () => {
  const owner = stage.person().userId;
  const other = stage.person().userId;
  await deliver(service, confirmed(owner));
  await inboxHolds(owner, 1);
  const told = (await inboxOf(owner))[0]!;
  expect(await inboxOf(other)).toEqual([]);
  const response = await fetch(`${service.origin}/api/v1/notifications/${told.id}/read`, {
    method: 'POST',
    headers: await service.as(other),
  });
  expect(response.status).toBe(404);
  expect((await inboxOf(owner))[0]!.readAt).toBeNull();
});

describe('the stream', () => {
  const open = async (on: TestService, userId: string, headers: Record<string, string> = {}) =>
    openStream(`${on.origin}/api/v1/notifications/stream`, { ...(await on.as(userId)), ...headers });

  test('each of two replicas shows the notifications of both', async () => {
    const { userId } = stage.person();
    const streams = [await open(service, userId), await open(replica, userId)];
    for (const stream of streams) await stream.waitFor('position', 1);
    await deliver(service, ...Array.from({ length: 6 }, () => confirmed(userId)));
    const [here, there] = await Promise.all(streams.map((stream) => stream.waitFor('notification', 6)));
    expect(here!.map(({ data }) => data.id)).toEqual(there!.map(({ data }) => data.id));
    expect(here!.map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5, 6]);
    streams.forEach((stream) => stream.close());
  });

  test('it resumes on another replica after the last event that was seen', async () => {
    const { userId } = stage.person();
    const first = await open(service, userId);
    await first.waitFor('position', 1);
    await deliver(service, confirmed(userId), confirmed(userId));
    const [seen] = await first.waitFor('notification', 2);
    first.close();
    await deliver(service, confirmed(userId));
    await inboxHolds(userId, 3);
    const second = await open(replica, userId, { 'last-event-id': seen!.id });
    const rest = await second.waitFor('notification', 2);
    expect(rest.map(({ data }) => data.id)).toEqual(
      (await inboxOf(userId))
        .slice(0, 2)
        .reverse()
        .map(({ id }) => id),
    );
    second.close();
  });

  test('without a place to resume from it begins with what comes from now on', async () => {
    const { userId } = stage.person();
    await deliver(service, confirmed(userId));
    await inboxHolds(userId, 1);
    const stream = await open(service, userId);
    const [position] = await stream.waitFor('position', 1);
    expect(position!.id).toBe('1');
    await deliver(service, registered(userId));
    const [news] = await stream.waitFor('notification', 1);
    expect(news!.data.kind).toBe('welcome');
    stream.close();
  });

  test('a sixth one is refused until another is closed', async () => {
    const { userId } = stage.person();
    const url = `${service.origin}/api/v1/notifications/stream`;
    const headers = await service.as(userId);
    // Whoever only asks for the head gets it at once, and takes nobody's place.
    const heads = await Promise.all(Array.from({ length: 5 }, () => fetch(url, { method: 'HEAD', headers })));
    for (const { status, headers: own } of heads)
      expect([status, own.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const streams = await Promise.all(Array.from({ length: 5 }, () => open(service, userId)));
    expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(429);
    const refused = await fetch(`${service.origin}/api/v1/notifications/stream`, {
      headers: await service.as(userId),
    });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ type: 'urn:bulkhead:problem:rate-limited' });
    streams[0]!.close();
    const again = await eventually(async () => {
      const stream = await open(service, userId);
      return stream.status === 200 ? stream : false;
    });
    [...streams, again].forEach((stream) => stream.close());
  });

  test('it ends when its person is forgotten', async () => {
    const { userId } = stage.person();
    const stream = await open(replica, userId);
    await stream.waitFor('position', 1);
    await deliver(service, requestedErasure(userId, randomIds.next()));
    await stream.ended;
  });
});

describe('erasure', () => {
  const responses = async (userId: string) => {
    const { rows } = await service.database.query<{ erasureId: string }>({
      text: `select payload->'data'->>'erasureId' as "erasureId" from outbox where subject = $1 and type = $2`,
      values: [userId, erased.notification.type],
    });
    return rows.map(({ erasureId }) => erasureId);
  };
  const rowsOf = async (userId: string) => {
    const { rows } = await service.database.query<{ count: number }>({
      text: `select (select count(*) from notification where user_id = $1)::int
        + (select count(*) from mail where user_id = $1)::int as count`,
      values: [userId],
    });
    return rows[0]?.count;
  };

  test('deletes the user’s notifications, sends one last mail, and confirms only then', async () => {
    const { userId, email } = stage.person();
    await deliver(service, confirmed(userId));
    await stage.mailbox.waitFor(({ to, subject }) => to.includes(email) && subject.includes('confirmed'));
    stage.setUnavailable('profile', true);
    const erasureId = randomIds.next();
    await deliver(service, requestedErasure(userId, erasureId));
    await inboxHolds(userId, 0);
    expect(await responses(userId)).toEqual([]);
    stage.setUnavailable('profile', false);
    await eventually(async () => (await responses(userId)).length === 1, { timeoutMs: 20_000 });
    const farewells = stage.mailbox
      .messages()
      .filter(({ to, subject }) => to.includes(email) && /deleted/.test(subject));
    expect(farewells).toHaveLength(1);
    expect(await responses(userId)).toEqual([erasureId]);
    expect(await rowsOf(userId)).toBe(0);
  });

  test('is answered without a farewell when nobody knows the address any more', async () => {
    const userId = randomIds.next();
    const erasureId = randomIds.next();
    await deliver(service, requestedErasure(userId, erasureId));
    await eventually(async () => (await responses(userId)).length === 1);
    expect(await rowsOf(userId)).toBe(0);
  });

  test('of a person who did not ask for it deletes nothing', async () => {
    const { userId } = stage.person();
    await deliver(service, confirmed(userId));
    await inboxHolds(userId, 1);
    const forged = eventOf(subscriptions.notificationErasure, erasureRequested, {
      userId,
      erasureId: randomIds.next(),
    });
    await deliver(service, forged);
    await eventually(async () => {
      const { rows } = await service.database.query<{ reason: string }>({
        text: 'select reason from dead_letter where message_id = $1',
        values: [forged.id],
      });
      expect(rows[0]?.reason).toMatch(/^not-requested: /);
    });
    await inboxHolds(userId, 1);
    expect(await responses(userId)).toEqual([]);
  });

  test('a late event about an erased user notifies nobody', async () => {
    const { userId } = stage.person();
    await deliver(service, confirmed(userId));
    await inboxHolds(userId, 1);
    await deliver(service, requestedErasure(userId, randomIds.next()));
    await eventually(async () => (await responses(userId)).length === 1);
    await deliver(service, confirmed(userId), registered(userId));
    await idle();
    expect(await rowsOf(userId)).toBe(0);
  });

  test('nobody is notified of an order that ends after its buyer was erased', async () => {
    const userId = randomIds.next();
    const ended = eventOf(subscriptions.notificationOrders, order.orderCancelled, {
      orderId: randomIds.next(),
      userId,
      buyerErased: true,
    });
    await deliver(service, ended);
    await idle();
    expect(await rowsOf(userId)).toBe(0);
    const mailboxes = { text: 'select from mailbox where user_id = $1', values: [userId] };
    expect((await service.database.query(mailboxes)).rows).toEqual([]);
  });
});

test('profile gets a copy of what is held about a person, which names no address; others do not', async () => {
  const { userId, email } = stage.person();
  await deliver(service, confirmed(userId));
  await stage.mailbox.waitFor(({ to }) => to.includes(email));
  const url = `${service.origin}/internal/users/${userId}/export`;
  const answer = await eventually(async () => {
    const response = await fetch(url, { headers: await service.asService('profile') });
    const text = await response.text();
    return text.includes('"sent"') ? text : false;
  });
  expect(answer).not.toContain(email);
  const { items } = JSON.parse(answer) as { items: { type: string }[] };
  expect(items.map(({ type }) => type)).toEqual(['notification', 'mail']);
  expect((await fetch(url, { headers: await service.asService('order') })).status).toBe(403);
  expect((await fetch(url, { headers: await service.as(userId) })).status).toBe(403);
});
