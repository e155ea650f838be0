import { randomUUID } from 'node:crypto';
import type { Refund } from '@bulkhead/contracts/payment/api';
import { eventually } from '@bulkhead/testing/eventually';
import { newId, type PaymentWorld, startPaymentWorld } from '../testing/payment-world';

interface Details {
  readonly id: string;
  readonly status: string;
  readonly refunded: { readonly amount: number };
  readonly attention: string | null;
  readonly refunds: readonly Refund[];
}

describe('a refund at a provider that takes its time', () => {
  let world: PaymentWorld;
  const admin = newId();
  beforeAll(async () => {
    world = await startPaymentWorld();
  }, 60_000);
  afterAll(() => world?.stop());
  const webhooks = { delayMs: 0 };
  beforeEach(() => world.provider.control({ refunds: 'pending', webhooks }));

  async function call<Body>(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${world.service.origin}/api/v1/payments/${path}`, {
      method,
      headers: {
        ...(await world.service.as(admin, ['customer', 'admin'])),
        'idempotency-key': randomUUID(),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }
  const details = async (paymentId: string) => (await call<Details>('GET', paymentId)).body;
  const give = (paymentId: string, amount: number) =>
    call<Refund>('POST', `${paymentId}/refunds`, { amount: { amount, currency: 'EUR' } });
  async function paid() {
    const orderId = newId();
    await world.authorise(orderId);
    const { body } = await world.order('POST', `${orderId}/capture`);
    return { orderId, paymentId: body.paymentId };
  }
  const atProvider = (orderId: string) => world.chargesOf(orderId)[0]!;
  async function giveAtProvider(orderId: string, amount: number) {
    await fetch(`${world.provider.url}/charges/${atProvider(orderId).id}/refunds`, {
      method: 'POST',
      headers: { 'idempotency-key': randomUUID() },
      body: JSON.stringify({ amount }),
    });
  }
  const becomes = (paymentId: string, expected: object) =>
    eventually(async () => expect(await details(paymentId)).toMatchObject(expected));
  const updatesOf = async (orderId: string) => {
    const { rows } = await world.service.database.query({
      text: `select payload -> 'data' ->> 'status' as status, payload -> 'data' -> 'accepted' as accepted
        from outbox where type = 'refund.updated.v1' and payload -> 'data' ->> 'orderId' = $1 order by position`,
      values: [orderId],
    });
    return rows.map(({ status, accepted }: { status?: string; accepted?: boolean }) => [status, accepted]);
  };

  test('is pending until the provider reports success, and others can be made meanwhile', async () => {
    const { orderId, paymentId } = await paid();
    const first = await give(paymentId, 1_000);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'pending', origin: 'staff', settledAt: null },
    });
    expect(await details(paymentId)).toMatchObject({ status: 'refunding', refunded: { amount: 0 } });
    expect((await give(paymentId, 3_201)).status).toBe(409);
    expect((await give(paymentId, 3_200)).status).toBe(201);
    expect(await world.ledger(orderId)).toMatchObject({ sales: -4_200 });

    const [one, two] = atProvider(orderId).refunds;
    world.provider.settleRefund(two!.id, 'succeeded');
    await becomes(paymentId, { status: 'refunding', refunded: { amount: 3_200 } });
    world.provider.settleRefund(one!.id, 'succeeded');
    await becomes(paymentId, { status: 'refunded', refunded: { amount: 4_200 }, attention: null });
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 3 });
    expect(await updatesOf(orderId)).toEqual([
      ['pending', false],
      ['pending', false],
      ['succeeded', true],
      ['succeeded', true],
    ]);
  });

  test('is looked for where the webhook is lost, and asked for once', async () => {
    const { orderId, paymentId } = await paid();
    world.provider.control({ refunds: 'pending', webhooks: { enabled: false } });
    await give(paymentId, 700);
    world.provider.settleRefund(atProvider(orderId).refunds[0]!.id, 'succeeded');
    await world.hurry();
    await becomes(paymentId, { status: 'partially_refunded', refunded: { amount: 700 } });
    expect(atProvider(orderId).refunds).toHaveLength(1);
  });

  test('that fails days after it had succeeded is taken out of the books again, and a person has to look', async () => {
    const { orderId, paymentId } = await paid();
    world.provider.control({ refunds: 'succeeded', webhooks });
    await give(paymentId, 4_200);
    expect(await details(paymentId)).toMatchObject({ status: 'refunded' });
    world.provider.settleRefund(atProvider(orderId).refunds[0]!.id, 'failed');
    await becomes(paymentId, {
      status: 'captured',
      refunded: { amount: 0 },
      attention: 'refund-failed',
      refunds: [{ status: 'failed', failure: 'expired_or_canceled_card' }],
    });
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 3 });
    expect(await updatesOf(orderId)).toEqual([
      ['pending', false],
      ['succeeded', false],
      ['failed', true],
    ]);
    // It can be tried again, by a decision.
    expect((await give(paymentId, 4_200)).body.status).toBe('succeeded');
    expect(await details(paymentId)).toMatchObject({ status: 'refunded', refunded: { amount: 4_200 } });
  });

  test('of an order that fails, at once or later, is not requested again until the order decides to', async () => {
    for (const atOnce of [true, false]) {
      const { orderId, paymentId } = await paid();
      world.provider.control({ refunds: atOnce ? 'failed' : 'pending', webhooks });
      const refund = (round: number) => world.order('POST', `${orderId}/refund?round=${round}`);
      if (!atOnce) {
        expect(await refund(6)).toMatchObject({ status: 200, body: { status: 'refunding' } });
        world.provider.settleRefund(atProvider(orderId).refunds[0]!.id, 'failed');
        await becomes(paymentId, { status: 'captured' });
      }
      for (let asked = 0; asked < 3; asked++)
        expect(await refund(6)).toMatchObject({
          status: 409,
          body: { paymentStatus: 'captured', reason: 'expired_or_canceled_card' },
        });
      expect(atProvider(orderId).refunds).toHaveLength(1);
      expect(await details(paymentId)).toMatchObject({ attention: 'refund-failed' });
      world.provider.control({ webhooks });
      expect(await refund(8)).toMatchObject({ status: 200, body: { status: 'refunded' } });
    }
  });

  test('made at the provider, in part or in whole, is booked as such, also while ours is being asked for', async () => {
    const { orderId, paymentId } = await paid();
    world.provider.control({ refunds: 'succeeded', webhooks });
    await giveAtProvider(orderId, 200);
    await becomes(paymentId, {
      status: 'partially_refunded',
      refunded: { amount: 200 },
      refunds: [{ origin: 'provider', status: 'succeeded', amount: { amount: 200 } }],
    });
    await give(paymentId, 1_000);
    await giveAtProvider(orderId, 3_000);
    await becomes(paymentId, { status: 'refunded', refunded: { amount: 4_200 }, attention: null });
    expect((await details(paymentId)).refunds.map(({ origin }) => origin)).toEqual([
      'provider',
      'staff',
      'provider',
    ]);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 4 });
  });

  test('that no bank finishes within 14 days needs a person, and is heard of all the same', async () => {
    const { orderId, paymentId } = await paid();
    await give(paymentId, 500);
    const wait = (days: number) =>
      world.service.database.query({
        text: `update payments set waiting_since = now() - $2 * interval '1 day', due_at = now() where order_id = $1`,
        values: [orderId, days],
      });
    await wait(13);
    await eventually(async () => {
      const { rows } = await world.service.database.query<{ waits: boolean }>({
        text: 'select due_at > now() as waits from payments where order_id = $1',
        values: [orderId],
      });
      expect(rows).toEqual([{ waits: true }]);
    });
    expect((await details(paymentId)).attention).toBeNull();
    await wait(15);
    await becomes(paymentId, { status: 'refunding', attention: 'unanswered' });
    world.provider.settleRefund(atProvider(orderId).refunds[0]!.id, 'succeeded');
    await becomes(paymentId, { status: 'partially_refunded', attention: null });
  });
});
