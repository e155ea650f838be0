import type { Refund } from '@bulkhead/contracts/payment/api';
import { eventually } from '@bulkhead/testing/eventually';
import { newId, type PaymentWorld, startPaymentWorld } from '../testing/payment-world';

/** What the tests read of any answer. */
interface Answered {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly next: string | null;
  readonly items: { readonly id: string }[];
  readonly refunds: Refund[];
  readonly attempts: { readonly operation: string }[];
}

describe('an admin', () => {
  let world: PaymentWorld;
  const admin = newId();
  beforeAll(async () => {
    world = await startPaymentWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '300' });
  }, 60_000);
  afterAll(() => world?.stop());
  afterEach(() => world.provider.control({ webhooks: { enabled: false } }));

  async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${world.service.origin}${path}`, {
      method,
      headers: {
        ...(await world.service.as(admin, ['customer', 'admin'])),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answered };
  }
  const refund = (paymentId: string, amount: number, key: string, more: object = {}) =>
    call(
      'POST',
      `/api/v1/payments/${paymentId}/refunds`,
      { amount: { amount, currency: 'EUR' }, ...more },
      { 'idempotency-key': key },
    );
  async function capturedPayment() {
    const orderId = newId();
    await world.authorise(orderId);
    const { body } = await world.order('POST', `${orderId}/capture`);
    return { orderId, paymentId: body.paymentId };
  }

  test('who asks to be forgotten is forgotten in the refunds they made, and what was given back stays', async () => {
    const { paymentId } = await capturedPayment();
    await refund(paymentId, 500, 'forgotten', { reason: 'a reason with a name in it' });
    await world.requestErasure(admin, newId());
    await eventually(async () => {
      const { rows } = await world.service.database.query({
        text: `select amount::int, status, reason, requested_by, answer from refunds where payment_id = $1`,
        values: [paymentId],
      });
      expect(rows).toEqual([
        { amount: 500, status: 'succeeded', reason: null, requested_by: null, answer: null },
      ]);
    });
  });

  test('gives back parts until nothing is left', async () => {
    const { orderId, paymentId } = await capturedPayment();
    const first = await refund(paymentId, 1_000, 'first', { reason: 'one was broken' });
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'succeeded', amount: { amount: 1_000, currency: 'EUR' }, reason: 'one was broken' },
    });
    expect(first.headers.get('location')).toBe(`/api/v1/payments/${paymentId}`);
    expect((await world.order('GET', orderId)).body.status).toBe('partially_refunded');
    expect(await refund(paymentId, 3_201, 'too-much')).toMatchObject({
      status: 409,
      body: { paymentStatus: 'partially_refunded' },
    });
    expect((await refund(paymentId, 3_200, 'second')).body.status).toBe('succeeded');
    expect((await world.order('GET', orderId)).body).toMatchObject({
      status: 'refunded',
      refunded: { amount: 4_200 },
    });
    expect(await refund(paymentId, 1, 'nothing-left')).toMatchObject({ status: 409 });
    expect(world.chargesOf(orderId)).toMatchObject([{ refunded: 4_200 }]);
    expect((await world.ledger()).sum).toBe(0);
  });

  test('gets the same answer for the same key, and gives back once', async () => {
    const { orderId, paymentId } = await capturedPayment();
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => refund(paymentId, 500, `again-${orderId}`)),
    );
    const made = responses.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    for (const response of responses)
      if (response.status !== 201)
        expect(response.body.type).toBe('urn:bulkhead:problem:idempotency-in-progress');
    const again = await refund(paymentId, 500, `again-${orderId}`);
    expect(again.body).toEqual(made[0]!.body);
    expect((await refund(paymentId, 501, `again-${orderId}`)).body.type).toBe(
      'urn:bulkhead:problem:idempotency-key-reused',
    );
    expect(world.chargesOf(orderId)).toMatchObject([{ refunded: 500 }]);
  });

  test('sees a refund as pending while the provider has not answered, and then succeed', async () => {
    const { orderId, paymentId } = await capturedPayment();
    world.provider.control({ timeoutShare: 1, webhooks: { enabled: false } });
    const pending = await refund(paymentId, 700, `pending-${orderId}`);
    expect(pending).toMatchObject({ status: 201, body: { status: 'pending' } });
    expect(await refund(paymentId, 1, `meanwhile-${orderId}`)).toMatchObject({
      status: 409,
      body: { paymentStatus: 'refunding' },
    });
    world.provider.control({ webhooks: { enabled: false } });
    await world.hurry();
    const details = await eventually(async () => {
      const { body } = await call('GET', `/api/v1/payments/${paymentId}`);
      return body.refunds[0]?.status === 'succeeded' && body;
    });
    expect(details.refunds.map(({ id }) => id)).toEqual([pending.body.id]);
    expect(details.attempts.map(({ operation }) => operation)).toEqual(['refund', 'capture', 'authorise']);
    expect((await refund(paymentId, 700, `pending-${orderId}`)).body).toEqual(pending.body);
    expect(world.chargesOf(orderId)).toMatchObject([{ refunded: 700 }]);
  });

  test('gets an error for an impossible refund: no payment, another currency, nothing captured, no key', async () => {
    const { orderId, paymentId } = await capturedPayment();
    expect((await refund(newId(), 1, 'a')).status).toBe(404);
    const dollars = await refund(paymentId, 1, 'b', { amount: { amount: 1, currency: 'USD' } });
    expect(dollars).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/amount/currency' }] } });
    expect((await refund(paymentId, 0, 'c')).status).toBe(422);
    expect(
      (
        await call('POST', `/api/v1/payments/${paymentId}/refunds`, {
          amount: { amount: 1, currency: 'EUR' },
        })
      ).status,
    ).toBe(400);
    const open = newId();
    const { body } = await world.authorise(open);
    expect(await refund(body.paymentId, 1, 'd')).toMatchObject({
      status: 409,
      body: { paymentStatus: 'authorised' },
    });
    expect(world.chargesOf(orderId)).toMatchObject([{ refunded: 0 }]);
  });

  test('finds payments by order and status, page by page', async () => {
    const made = [await capturedPayment(), await capturedPayment(), await capturedPayment()];
    const byOrder = await call('GET', `/api/v1/payments?orderId=${made[1]!.orderId}`);
    expect(byOrder.body).toMatchObject({
      items: [{ id: made[1]!.paymentId, status: 'captured' }],
      next: null,
      nextCursor: null,
    });

    const found: string[] = [];
    let next: string | null = '/api/v1/payments?status=captured&limit=2';
    while (next) {
      const page: Answered = (await call('GET', next)).body;
      expect(page.items.length).toBeLessThanOrEqual(2);
      found.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(found).toEqual([...found].sort().reverse());
    for (const { paymentId } of made) expect(found).toContain(paymentId);
    expect((await call('GET', '/api/v1/payments?cursor=zz')).status).toBe(422);
  });

  test('alone may see payments', async () => {
    const { paymentId } = await capturedPayment();
    const customer = await world.service.as(newId());
    for (const path of ['/api/v1/payments', `/api/v1/payments/${paymentId}`]) {
      expect((await fetch(`${world.service.origin}${path}`, { headers: customer })).status).toBe(403);
      expect(
        (await fetch(`${world.service.origin}${path}`, { headers: await world.service.anonymous() })).status,
      ).toBe(401);
    }
  });
});
