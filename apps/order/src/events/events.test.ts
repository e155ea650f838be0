import { randomUUID } from 'node:crypto';
import type { DataOf, EventDefinition } from '@bulkhead/contracts/event';
import { reservationExpired } from '@bulkhead/contracts/inventory/events';
import {
  paymentActionRequired,
  paymentAuthorised,
  paymentCaptured,
  paymentDeclined,
  paymentVoided,
  refundUpdated,
} from '@bulkhead/contracts/payment/events';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { eventually } from '@bulkhead/testing/eventually';
import { deliverEvent } from '@bulkhead/service/testing/deliver-event';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('events that order consumes', () => {
  let t: TestShop;
  let user: string;
  beforeAll(async () => {
    // Attempts are so far apart that only an event can make an order go on within a test.
    t = await startTestShop({
      ORDER_RETRY_MIN_MS: '60000',
      ORDER_RETRY_MAX_MS: '60000',
      ORDER_STEP_TIMEOUT_MS: '60000',
    });
  });
  beforeEach(() => {
    user = randomUUID();
    t.shop.after = async () => undefined;
  });
  afterAll(() => t.stop());

  const rows = async (text: string, ...values: unknown[]) =>
    (await t.order.database.query({ text, values })).rows;
  const stateOf = async (orderId: string) =>
    (await rows('select state from orders where id = $1', orderId))[0]?.['state'];
  const handled = (group: string) =>
    eventually(
      async () => (await rows('select from delivery where consumer_group = $1', group)).length === 0,
    );
  const waitingForBank = async (sku: string) => {
    const { productId } = t.shop.addProduct(sku, 100, 1);
    return (await t.buy(user, productId, { paymentMethod: 'pm_requires_action' })).body.id;
  };
  const paymentOf = (orderId: string) => ({
    paymentId: t.shop.payments.get(orderId)?.paymentId ?? '',
    orderId,
    amount: { amount: 100, currency: 'EUR' },
  });

  const refundOf = (orderId: string, changes: object = {}) => ({
    ...paymentOf(orderId),
    refundId: randomUUID(),
    status: 'succeeded' as const,
    origin: 'staff' as const,
    accepted: false,
    ...changes,
  });

  it('an order that waits for the bank continues when payment reports the authorisation', async () => {
    const orderId = await waitingForBank('BANK-OK');
    const payment = t.shop.payments.get(orderId);
    if (payment) payment.status = 'authorised';
    await deliverEvent(t.order.database, 'order.payments', paymentAuthorised, paymentOf(orderId));
    await eventually(async () => (await stateOf(orderId)) === 'confirmed');
  });

  /** Payment acts and never answers this order's first call of that kind. @returns what lets it answer at last */
  const neverAnswers = (operation: string, sku: string) => {
    let response: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => (response = resolve));
    let first = true;
    t.shop.after = async (called, orderId) => {
      if (called !== operation || !t.shop.reservations.get(orderId)?.lines.some((line) => line.sku === sku))
        return;
      if (!first) return;
      first = false;
      await silence;
    };
    return response;
  };
  const place = async (sku: string, paymentMethod = 'pm_ok') => {
    const { productId } = t.shop.addProduct(sku, 100, 1);
    return (await t.buy(user, productId, { paymentMethod, prefer: 'respond-async' })).body.id;
  };

  it.each([
    ['authorise', 'pm_ok', 'confirmed'],
    ['authorise', 'pm_declined', 'rejected'],
    ['capture', 'pm_ok', 'confirmed'],
  ] as const)(
    'an order goes on by the news alone where payment never answers its %s with %s',
    async (operation, paymentMethod, end) => {
      const sku = `SILENT-${operation}-${paymentMethod}`.toUpperCase().replaceAll('_', '-');
      const response = neverAnswers(operation, sku);
      const orderId = await place(sku, paymentMethod);
      await eventually(() => t.shop.calls.includes(`${operation} ${orderId}`));
      const { paymentId, amount } = paymentOf(orderId);
      const publish = <D extends EventDefinition>(definition: D, data: DataOf<D>) =>
        deliverEvent(t.order.database, 'order.payments', definition, data);
      if (end === 'rejected') await publish(paymentDeclined, { paymentId, orderId, reason: 'card_declined' });
      else if (operation === 'capture') await publish(paymentCaptured, { paymentId, orderId, amount });
      else await publish(paymentAuthorised, { paymentId, orderId, amount });
      await eventually(async () => (await stateOf(orderId)) === end);
      response();
    },
  );

  it('an order shows what the bank wants by the news alone where payment never answers', async () => {
    const response = neverAnswers('authorise', 'SILENT-BANK');
    const orderId = await place('SILENT-BANK', 'pm_requires_action');
    await eventually(() => t.shop.calls.includes(`authorise ${orderId}`));
    const { paymentId } = paymentOf(orderId);
    await deliverEvent(t.order.database, 'order.payments', paymentActionRequired, { paymentId, orderId });
    await eventually(async () => {
      const { body } = await t.request(user, 'GET', `/api/v1/orders/${orderId}`);
      expect(body.nextAction).toEqual({ type: 'redirect', url: `https://bank.example/${orderId}` });
    });
    response();
  });

  it.each([
    ['void', 'pm_requires_action', 'cancelled'],
    ['refund', 'pm_ok', 'refunded'],
  ] as const)(
    'a cancel ends by the news alone where payment never answers its %s',
    async (operation, paymentMethod, end) => {
      const sku = `SILENT-${operation.toUpperCase()}`;
      const response = neverAnswers(operation, sku);
      const orderId = await place(sku, paymentMethod);
      if (paymentMethod === 'pm_ok') await eventually(async () => (await stateOf(orderId)) === 'confirmed');
      else await eventually(() => t.shop.payments.get(orderId)?.status === 'requires_action');
      const cancelled = t.request(user, 'POST', `/api/v1/orders/${orderId}/cancel`);
      await eventually(() => t.shop.calls.includes(`${operation} ${orderId}`));
      const { paymentId } = paymentOf(orderId);
      if (operation === 'void')
        await deliverEvent(t.order.database, 'order.payments', paymentVoided, { paymentId, orderId });
      else
        await deliverEvent(
          t.order.database,
          'order.payments',
          refundUpdated,
          refundOf(orderId, { origin: 'order' }),
        );
      await eventually(async () => (await stateOf(orderId)) === end);
      response();
      await cancelled;
    },
  );

  it('an event that comes too early, twice, or too late changes nothing, and is counted', async () => {
    const orderId = await waitingForBank('BANK-NOT-YET');
    await deliverEvent(t.order.database, 'order.payments', paymentAuthorised, paymentOf(orderId));
    await handled('order.payments');
    expect(await stateOf(orderId)).toBe('reserved');
    await t.request(user, 'POST', `/api/v1/orders/${orderId}/cancel`);
    const { paymentId } = paymentOf(orderId);
    const declined = { paymentId, orderId, reason: 'late' };
    await deliverEvent(t.order.database, 'order.payments', paymentAuthorised, paymentOf(orderId));
    await deliverEvent(t.order.database, 'order.payments', paymentDeclined, declined);
    await handled('order.payments');
    expect(await stateOf(orderId)).toBe('cancelled');
    const events = await rows('select type from outbox where subject = $1 order by position', orderId);
    expect(events.map(({ type }) => type)).toEqual(['order.placed.v1', 'order.cancelled.v1']);
    expect(await t.metrics()).toMatch(/order_events_ignored_total\{[^}]*payment\.declined\.v1[^}]*\} 1/);
  });

  it('an order whose reservation ran out expires, and lets go of the money', async () => {
    const orderId = await waitingForBank('RAN-OUT');
    const reservation = t.shop.reservations.get(orderId);
    if (reservation) reservation.state = 'expired';
    await deliverEvent(t.order.database, 'order.reservations', reservationExpired, {
      reservationId: randomUUID(),
      orderId,
    });
    await eventually(async () => (await stateOf(orderId)) === 'expired');
    expect(t.shop.payments.get(orderId)?.status).toBe('voided');
  });

  it('a reservation that ran out changes nothing of an order that no longer needs it, and is counted', async () => {
    const { productId } = t.shop.addProduct('SOLD', 100, 5);
    const sold = (await t.buy(user, productId)).body.id;
    const committed = await waitingForBank('COMMITTED');
    await rows("update orders set state = 'committed' where id = $1", committed);
    for (const orderId of [sold, committed]) {
      t.shop.reservations.get(orderId)!.state = 'expired';
      await deliverEvent(t.order.database, 'order.reservations', reservationExpired, {
        reservationId: randomUUID(),
        orderId,
      });
    }
    await handled('order.reservations');
    expect([await stateOf(sold), await stateOf(committed)]).toEqual(['confirmed', 'committed']);
    expect(await t.metrics()).toMatch(/order_events_ignored_total\{[^}]*reservation\.expired\.v1[^}]*\} 2/);
  });

  it('an order whose reservation inventory still holds does not expire, whatever an event says', async () => {
    const orderId = await waitingForBank('STILL-HELD');
    const event = await deliverEvent(t.order.database, 'order.reservations', reservationExpired, {
      reservationId: randomUUID(),
      orderId,
    });
    await handled('order.reservations');
    expect(await stateOf(orderId)).toBe('reserved');
    expect(await rows("select reason from dead_letter where body::jsonb->>'id' = $1", event)).toEqual([
      { reason: 'not-expired: to inventory the reservation is held' },
    ]);
  });

  it('forgets nobody of whose erasure profile knows nothing', async () => {
    const { productId } = t.shop.addProduct('REMEMBERED', 100, 5);
    const { id } = (await t.buy(user, productId)).body;
    const event = await deliverEvent(t.order.database, 'order.erasure', erasureRequested, {
      userId: user,
      erasureId: randomUUID(),
    });
    await handled('order.erasure');
    expect(await rows("select reason from dead_letter where body::jsonb->>'id' = $1", event)).toEqual([
      { reason: 'not-requested: profile knows of no such erasure; nothing was erased' },
    ]);
    expect(await rows('select user_id from orders where id = $1', id)).toEqual([{ user_id: user }]);
  });

  it('erases a user: open orders end, finished ones are anonymised, and profile gets the confirmation', async () => {
    const { productId } = t.shop.addProduct('KEPT', 100, 5);
    const confirmed = [await t.buy(user, productId), await t.buy(user, productId)].map(({ body }) => body.id);
    const open = await waitingForBank('ENDED');
    const erasureId = randomUUID();
    t.shop.erasures.requested.set(user, erasureId);
    const id = await deliverEvent(t.order.database, 'order.erasure', erasureRequested, {
      userId: user,
      erasureId,
    });
    await eventually(async () => (await stateOf(open)) === 'cancelled');

    const everywhere = await rows(
      `select id from orders where user_id = $1
       union all select order_id from idempotency_key where user_id = $1`,
      user,
    );
    expect(everywhere).toEqual([]);
    const kept = await rows('select user_id, state from orders where id = any ($1::uuid[])', confirmed);
    expect(kept.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
    expect(kept[0]?.['user_id']).not.toBe(kept[1]?.['user_id']);
    expect(
      await rows("select payload->'data' as data from outbox where type = 'order.user-erased.v1'"),
    ).toEqual([{ data: { userId: user, erasureId } }]);

    await deliverEvent(
      t.order.database,
      'order.erasure',
      erasureRequested,
      { userId: user, erasureId },
      { id },
    );
    await handled('order.erasure');
    expect(await rows("select from outbox where type = 'order.user-erased.v1'")).toHaveLength(1);
    expect((await t.buy(user, productId)).status).toBe(401);
  });

  const erase = (userId: string) => {
    const erasureId = randomUUID();
    t.shop.erasures.requested.set(userId, erasureId);
    return deliverEvent(t.order.database, 'order.erasure', erasureRequested, { userId, erasureId });
  };
  const endOf = async (orderId: string) =>
    (
      await rows(
        `select type, payload->'data'->>'userId' as "userId", payload->'data'->'buyerErased' as "buyerErased"
          from outbox where subject = $1 order by position desc limit 1`,
        orderId,
      )
    )[0];

  it('the final event of an order whose buyer was erased says that nobody is to be notified', async () => {
    const open = await waitingForBank('FORGOTTEN');
    await erase(user);
    await eventually(async () => (await stateOf(open)) === 'cancelled');
    expect(await endOf(open)).toEqual({
      type: 'order.cancelled.v1',
      userId: expect.not.stringMatching(user),
      buyerErased: true,
    });
  });

  it('an end that is being reached while the buyer is forgotten does not name them', async () => {
    const { productId } = t.shop.addProduct('OVERTAKEN', 100, 1);
    const { id } = (await t.buy(user, productId)).body;
    t.shop.after = async (operation, orderId) => {
      if (operation !== 'refund' || orderId !== id || !t.shop.calls.includes(`refund ${id}`)) return;
      t.shop.after = async () => undefined;
      await erase(user);
      await handled('order.erasure');
    };
    await t.request(user, 'POST', `/api/v1/orders/${id}/cancel`);
    await eventually(async () => (await stateOf(id)) === 'refunded');
    expect(await endOf(id)).toEqual({
      type: 'order.refunded.v1',
      userId: expect.not.stringMatching(user),
      buyerErased: true,
    });
  });

  it('an order that waited for an operator to go on is cancelled when its buyer is forgotten', async () => {
    const open = await waitingForBank('ATTENTION');
    await rows(
      `update orders set state = 'needs_attention', attention_from = 'reserved', due_at = null where id = $1`,
      open,
    );
    await erase(user);
    await eventually(async () => (await stateOf(open)) === 'cancelled');
    expect(t.shop.payments.get(open)?.status).toBe('voided');
  });

  it('an order that was written at the moment of the erasure is forgotten a little later', async () => {
    const open = await waitingForBank('CROSSED');
    // As if neither transaction had seen the other.
    await rows('insert into erased_user (user_id) values ($1)', user);
    await t.runJob('sweep-erased-users');
    await eventually(async () => (await stateOf(open)) === 'cancelled');
    expect(await rows('select from orders where user_id = $1', user)).toEqual([]);
  });
});
