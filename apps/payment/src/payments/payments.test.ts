import { eventually } from '@bulkhead/testing/eventually';
import { newId, type PaymentWorld, startPaymentWorld, userId } from '../testing/payment-world';

describe('the payment of an order', () => {
  let world: PaymentWorld;
  beforeAll(async () => {
    world = await startPaymentWorld();
  }, 60_000);
  afterAll(() => world?.stop());

  test('is authorised, captured and refunded, and the ledger matches the provider', async () => {
    const orderId = newId();
    expect(await world.authorise(orderId)).toMatchObject({
      status: 200,
      body: { status: 'authorised', orderId },
    });
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 0 });

    const captured = await world.order('POST', `${orderId}/capture`);
    expect(captured.body).toMatchObject({ status: 'captured', captured: { amount: 4_200, currency: 'EUR' } });
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 1 });

    const refunded = await world.order('POST', `${orderId}/refund`);
    expect(refunded.body).toMatchObject({ status: 'refunded', refunded: { amount: 4_200 } });
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 2 });
    expect(world.chargesOf(orderId)).toMatchObject([{ captured: 4_200, refunded: 4_200 }]);
    expect(await world.eventsOf(orderId)).toEqual([
      'payment.authorised.v1',
      'payment.captured.v1',
      'refund.updated.v1',
      'refund.updated.v1',
      'payment.refunded.v1',
    ]);
    expect((await world.order('GET', orderId)).body).toEqual(refunded.body);
  });

  test('is the same payment however often it is asked for, one after the other or at once', async () => {
    const orderId = newId();
    const responses = await Promise.all(Array.from({ length: 10 }, () => world.authorise(orderId)));
    expect(new Set(responses.map(({ body }) => body.paymentId)).size).toBe(1);
    await eventually(async () => (await world.authorise(orderId)).body.status === 'authorised');

    await Promise.all(Array.from({ length: 10 }, () => world.order('POST', `${orderId}/capture`)));
    await eventually(
      async () => (await world.order('POST', `${orderId}/capture`)).body.status === 'captured',
    );
    await Promise.all(Array.from({ length: 10 }, () => world.order('POST', `${orderId}/refund`)));
    await eventually(async () => (await world.order('POST', `${orderId}/refund`)).body.status === 'refunded');

    expect(world.chargesOf(orderId)).toMatchObject([{ captured: 4_200, refunded: 4_200 }]);
    const attempts = await world.service.database.query<{ operation: string; count: number }>({
      text: `select operation, count(*)::int as count from provider_attempts a join payments p on p.id = a.payment_id
        where order_id = $1 group by operation order by operation`,
      values: [orderId],
    });
    expect(attempts.rows).toEqual([
      { operation: 'authorise', count: 1 },
      { operation: 'capture', count: 1 },
      { operation: 'refund', count: 1 },
    ]);
    expect(await world.eventsOf(orderId)).toHaveLength(5);
  });

  test('is refused to another buyer and for another amount', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    expect(await world.authorise(orderId, 'pm_ok', 1)).toMatchObject({
      status: 409,
      body: { type: 'urn:bulkhead:problem:conflict', paymentStatus: 'authorised' },
    });
    const other = { userId: newId(), amount: { amount: 4_200, currency: 'EUR' }, paymentMethod: 'pm_ok' };
    expect((await world.order('PUT', orderId, other)).status).toBe(409);
    expect(world.chargesOf(orderId)).toHaveLength(1);
  });

  test.each([
    ['pm_declined', 'card_declined'],
    ['pm_insufficient_funds', 'insufficient_funds'],
    ['pm_nonsense', 'unknown_payment_method'],
  ])('is declined for %s, and can then not be captured', async (paymentMethod, reason) => {
    const orderId = newId();
    expect((await world.authorise(orderId, paymentMethod)).body).toMatchObject({
      status: 'declined',
      reason,
    });
    expect(await world.order('POST', `${orderId}/capture`)).toMatchObject({
      status: 409,
      body: { paymentStatus: 'declined', reason },
    });
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('declined');
    expect(await world.eventsOf(orderId)).toEqual(['payment.declined.v1']);
  });

  test('is voided, and cannot be captured any more', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('voided');
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('voided');
    expect(await world.order('POST', `${orderId}/capture`)).toMatchObject({
      status: 409,
      body: { paymentStatus: 'voided' },
    });
    expect(world.chargesOf(orderId)).toMatchObject([{ status: 'voided', captured: 0 }]);
    expect(await world.eventsOf(orderId)).toEqual(['payment.authorised.v1', 'payment.voided.v1']);
  });

  test('that was voided before it was asked for stays voided when it is, and holds nothing', async () => {
    const orderId = newId();
    expect((await world.order('POST', `${orderId}/void`)).body).toMatchObject({
      status: 'voided',
      captured: { amount: 0, currency: 'XXX' },
    });
    expect(await world.authorise(orderId)).toMatchObject({ status: 200, body: { status: 'voided' } });
    expect(world.chargesOf(orderId)).toEqual([]);
  });

  test('ends in exactly one way when a void races a capture', async () => {
    for (let round = 0; round < 8; round++) {
      const orderId = newId();
      await world.authorise(orderId);
      const racers = ['capture', 'void', 'capture', 'void'];
      if (round % 2) racers.reverse();
      await Promise.all(racers.map((action) => world.order('POST', `${orderId}/${action}`)));
      const { status } = await eventually(async () => {
        const { body } = await world.order('GET', orderId);
        return (body.status === 'captured' || body.status === 'voided') && body;
      });
      expect(world.chargesOf(orderId)).toMatchObject([
        { status, captured: status === 'captured' ? 4_200 : 0 },
      ]);
      expect((await world.ledger(orderId)).sales).toBe(status === 'captured' ? -4_200 : 0);
    }
  });

  test('waits for its buyer, and goes on when they have confirmed', async () => {
    const orderId = newId();
    const { body } = await world.authorise(orderId, 'pm_requires_action');
    expect(body).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } });
    expect((await fetch(body.nextAction!.url, { method: 'POST' })).status).toBe(200);
    await world.hurry();
    await eventually(async () => (await world.order('GET', orderId)).body.status === 'authorised');
    expect((await world.order('GET', orderId)).body.nextAction).toBeNull();
  });

  test('that waits for its buyer can be voided', async () => {
    const orderId = newId();
    await world.authorise(orderId, 'pm_requires_action');
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('voided');
    expect(world.chargesOf(orderId)).toMatchObject([{ status: 'voided' }]);
  });

  test('that waits for its buyer can be voided at once, also after a repeated request', async () => {
    const orderId = newId();
    await world.authorise(orderId, 'pm_requires_action');
    const { body } = await world.authorise(orderId, 'pm_requires_action');
    expect(body.status).toBe('requires_action');
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('voided');
  });

  test('is answered in time as on its way when the provider takes longer, and goes on by itself', async () => {
    const orderId = newId();
    world.provider.control({ latency: { ms: 700 }, webhooks: { enabled: false } });
    const body = { userId, amount: { amount: 4_200, currency: 'EUR' }, paymentMethod: 'pm_ok' };
    const response = await world.order('PUT', orderId, body, { 'x-request-deadline': '600' });
    world.provider.control({ webhooks: { enabled: false } });
    expect(response).toMatchObject({ status: 200, body: { status: 'authorising' } });
    await eventually(async () => (await world.order('GET', orderId)).body.status === 'authorised');
    expect(world.chargesOf(orderId)).toHaveLength(1);
  });

  test('is not found where there is none', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/capture'],
      ['POST', '/refund'],
    ] as const)
      expect((await world.order(method, `${newId()}${path}`)).status).toBe(404);
  });

  test('may be asked for by order alone', async () => {
    const { service } = world;
    for (const headers of [await service.asService('notification'), await service.as(userId, ['admin'])]) {
      const response = await fetch(`${service.origin}/internal/payments/${newId()}`, { headers });
      expect(response.status).toBe(403);
    }
  });
});
