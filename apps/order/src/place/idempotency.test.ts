import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';
import { createKeyPruning, createKeys } from './idempotency';

describe('an idempotency key', () => {
  let t: TestShop;
  let user: string;
  beforeAll(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '5000' });
  });
  beforeEach(() => {
    user = randomUUID();
    t.shop.fault = () => undefined;
    t.shop.before = async () => undefined;
  });
  afterAll(() => t.stop());

  const sql = async (text: string, ...values: unknown[]) =>
    (await t.order.database.query({ text, values })).rows;
  const ordersOf = async (userId: string) =>
    (await t.request(userId, 'GET', '/api/v1/orders')).body.items as { id: string; status: string }[];
  const visible = ({ status, text, headers }: Awaited<ReturnType<TestShop['buy']>>) => ({
    status,
    text,
    location: headers.get('location'),
    retryAfter: headers.get('retry-after'),
    type: headers.get('content-type'),
  });

  it('creates one order for a hundred concurrent requests, which all get the same response or are asked to retry', async () => {
    const { productId } = t.shop.addProduct('HUNDRED', 100, 1_000);
    const key = randomUUID();
    const replica = await t.startReplica();
    const responses = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        t.buy(user, productId, { key }, index % 2 === 0 ? t.order : replica),
      ),
    );
    expect([...new Set(responses.map(({ status }) => status))].sort()).toEqual([201, 409]);
    const final = responses.filter(({ status }) => status !== 409);
    expect(final.length).toBeGreaterThan(0);
    expect(new Set(final.map(({ text }) => text)).size).toBe(1);
    for (const { status, body, headers } of responses.filter((response) => response.status === 409)) {
      expect([status, body.type]).toEqual([409, 'urn:bulkhead:problem:idempotency-in-progress']);
      expect(headers.get('retry-after')).toBe('1');
    }
    expect(await ordersOf(user)).toHaveLength(1);
    expect(t.shop.taken('HUNDRED')).toBe(1);
    expect((await t.buy(user, productId, { key })).text).toBe(final[0]?.text);
  });

  it('gives confirmed, declined and out-of-stock answers again, byte for byte', async () => {
    const plenty = t.shop.addProduct('AGAIN', 100, 100);
    const none = t.shop.addProduct('AGAIN-NONE', 100, 0);
    for (const [productId, paymentMethod, status] of [
      [plenty.productId, 'pm_ok', 201],
      [plenty.productId, 'pm_declined', 402],
      [none.productId, 'pm_ok', 409],
    ] as const) {
      const key = randomUUID();
      const first = await t.buy(user, productId, { key, paymentMethod });
      expect(first.status).toBe(status);
      t.shop.stock.set('AGAIN-NONE', 5);
      expect(visible(await t.buy(user, productId, { key, paymentMethod }))).toEqual(visible(first));
      t.shop.stock.set('AGAIN-NONE', 0);
    }
  });

  it('gives a 202 again as it was, though the order has been confirmed since', async () => {
    const { productId } = t.shop.addProduct('STILL-202', 100, 10);
    const key = randomUUID();
    const first = await t.buy(user, productId, { key, prefer: 'respond-async' });
    expect(first.status).toBe(202);
    await eventually(async () => (await ordersOf(user))[0]?.status === 'confirmed');
    expect(visible(await t.buy(user, productId, { key }))).toEqual(visible(first));
  });

  it('keeps the first of two recorded responses', async () => {
    const { productId } = t.shop.addProduct('TWO-ANSWERS', 100, 10);
    const key = randomUUID();
    const first = await t.buy(user, productId, { key });
    const use = { userId: user, scope: 'POST /api/v1/orders', key, fingerprint: Buffer.alloc(0) };
    const late = { status: 202, headers: { 'retry-after': '1' }, body: '{}' };
    const kept = await createKeys(t.order.database, 1_000).recordOnce(use, first.body.id, late);
    expect([kept.status, kept.body]).toEqual([201, first.text]);
    expect(visible(await t.buy(user, productId, { key }))).toEqual(visible(first));
  });

  it('is refused with another request, and counts for one user only', async () => {
    const { productId } = t.shop.addProduct('REUSED', 100, 10);
    const key = randomUUID();
    const first = await t.buy(user, productId, { key });
    const other = await t.buy(user, productId, { key, quantity: 2 });
    expect([other.status, other.body.type]).toEqual([422, 'urn:bulkhead:problem:idempotency-key-reused']);
    const reordered = { paymentMethod: 'pm_ok', items: [{ quantity: 1, productId }] };
    expect((await t.buy(user, productId, { key, body: reordered })).text).toBe(first.text);
    const stranger = await t.buy(randomUUID(), productId, { key });
    expect([stranger.status, stranger.body.id === first.body.id]).toEqual([201, false]);
  });

  it('may be used again after an answer that was no decision', async () => {
    const product = t.shop.addProduct('UNDECIDED', 100, 10);
    const key = randomUUID();
    t.shop.fault = (operation) => (operation === 'quote' ? 'refuse' : undefined);
    expect((await t.buy(user, product.productId, { key })).status).toBe(503);
    t.shop.fault = () => undefined;
    const body = {
      items: [{ productId: product.productId, quantity: 1 }],
      paymentMethod: 'pm_ok',
      expectedTotal: { amount: 90, currency: 'EUR' },
    };
    expect((await t.buy(user, '', { key, body })).body.type).toBe('urn:bulkhead:problem:price-changed');
    product.price = { amount: 90, currency: 'EUR' };
    expect((await t.buy(user, '', { key, body })).status).toBe(201);
  });

  it('asks to retry while the first request still runs', async () => {
    const { productId } = t.shop.addProduct('RUNNING', 100, 10);
    const key = randomUUID();
    let second: Awaited<ReturnType<TestShop['buy']>> | undefined;
    t.shop.before = async (operation) => {
      if (operation === 'authorise') second = await t.buy(user, productId, { key });
    };
    const first = await t.buy(user, productId, { key });
    expect([first.status, second?.status]).toEqual([201, 409]);
    expect(second?.body.type).toBe('urn:bulkhead:problem:idempotency-in-progress');
  });

  it('whose holder died is completed by the next request, with the order that was written', async () => {
    const { productId } = t.shop.addProduct('ORPHAN', 100, 10);
    const key = randomUUID();
    const first = await t.buy(user, productId, { key });
    // As a process leaves it that was killed right after the order was committed, once its leases have run out.
    await sql('delete from order_transition where order_id = $1 and sequence > 1', first.body.id);
    await sql(
      'update idempotency_key set status = null, body = null, lease_until = now() where key = $1',
      key,
    );
    await sql(
      `update orders set state = 'placed', version = 1, payment_method = 'pm_ok', lease_owner = gen_random_uuid(),
         due_at = now() where id = $1`,
      first.body.id,
    );
    const responses = await Promise.all([1, 2, 3].map(() => t.buy(user, productId, { key })));
    const completed = responses.find(({ status }) => status < 300);
    expect(completed?.body.id).toBe(first.body.id);
    for (const { status, text } of responses) expect(status === 409 || text === completed?.text).toBe(true);
    await eventually(async () => (await ordersOf(user)).every(({ status }) => status === 'confirmed'));
    expect(await ordersOf(user)).toHaveLength(1);
    expect(t.shop.taken('ORPHAN')).toBe(1);
    expect((await t.buy(user, productId, { key })).text).toBe(completed?.text);
  });

  it('is forgotten after a day', async () => {
    const { productId } = t.shop.addProduct('FORGOTTEN', 100, 10);
    const key = randomUUID();
    const first = await t.buy(user, productId, { key });
    await sql("update idempotency_key set expires_at = now() - interval '1 s' where key = $1", key);
    const next = await t.buy(user, productId, { key, quantity: 2 });
    expect([next.status, next.body.id === first.body.id]).toEqual([201, false]);
    await sql("update idempotency_key set expires_at = now() - interval '1 s' where key = $1", key);
    await createKeyPruning(t.order.database).run(new AbortController().signal);
    expect(await sql('select from idempotency_key where key = $1', key)).toHaveLength(0);
  });
});
