import { randomUUID } from 'node:crypto';
import { createClient } from '@bulkhead/client/client';
import { ProblemError } from '@bulkhead/client/problem-error';
import { eventually } from '@bulkhead/testing/eventually';
import { buy, type Person, plentifulProduct, register, type ShopClient, soldOutProduct } from './client';

/** Finding, buying, being told; and what a buyer is answered when it does not work out. */
export function describeBuying(shop: () => ShopClient): void {
  describe('buying', () => {
    let ada: Person;
    let product: Awaited<ReturnType<typeof plentifulProduct>>;
    const order = (id: string) => shop().call(`/api/v1/orders/${id}`, { token: ada.token });
    const available = async () =>
      (await shop().call(`/api/v1/stock/${product.sku}`)).body.available as number;
    const finally_ = (id: string, status: string) =>
      eventually(
        async () => {
          const { body } = await order(id);
          expect(body.status).toBe(status);
          return body;
        },
        { timeoutMs: 15_000 },
      );

    beforeAll(async () => {
      product = await eventually(() => plentifulProduct(shop()), { timeoutMs: 30_000 });
      ada = await register(shop());
    }, 60_000);

    it('begins with finding a product in spite of a typo', async () => {
      await eventually(async () => {
        const { body } = await shop().call('/api/v1/search?q=ketle');
        expect(body.items.length).toBeGreaterThan(0);
        expect(body.items[0].name).toMatch(/kettle/i);
      });
    });

    it('shows the product with its stock', async () => {
      const { status, body, headers } = await shop().call(`/api/v1/products/${product.productId}`);
      expect(status).toBe(200);
      expect(body.sku).toBe(product.sku);
      expect(headers.get('etag')).toBeTruthy();
      const again = await shop().call(`/api/v1/products/${product.productId}`, {
        headers: { 'if-none-match': headers.get('etag')! },
      });
      expect(again.status).toBe(304);
    });

    it('is confirmed, priced by the catalog, taken from the stock, and told', async () => {
      const before = await available();
      const bought = await buy(shop(), ada, { productId: product.productId, quantity: 2 });
      expect(bought.status).toBe(201);
      expect(bought.body).toMatchObject({
        status: 'confirmed',
        total: { amount: product.price.amount * 2, currency: product.price.currency },
      });
      expect(await available()).toBe(before - 2);
      const { body } = await order(bought.body.id);
      expect(body.timeline.map(({ state }: { state: string }) => state)).toEqual([
        'placed',
        'reserved',
        'authorised',
        'committed',
        'confirmed',
      ]);
      const { body: list } = await shop().call('/api/v1/orders', { token: ada.token });
      expect(list.items.map(({ id }: { id: string }) => id)).toContain(bought.body.id);
      await eventually(async () => {
        const { body: inbox } = await shop().call('/api/v1/notifications', { token: ada.token });
        const told = inbox.items.filter(({ orderId }: { orderId: string }) => orderId === bought.body.id);
        expect(told.map(({ kind }: { kind: string }) => kind)).toEqual(['order-confirmed']);
      });
    });

    it('happens once per idempotency key, however often and at once it is asked for', async () => {
      const key = randomUUID();
      const before = await available();
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => buy(shop(), ada, { productId: product.productId, key })),
      );
      expect(
        responses.map(({ status }) => status).filter((status) => ![201, 202, 409].includes(status)),
      ).toEqual([]);
      const first = await eventually(async () => {
        const response = await buy(shop(), ada, { productId: product.productId, key });
        expect([201, 202]).toContain(response.status);
        return response;
      });
      const again = await buy(shop(), ada, { productId: product.productId, key });
      expect(again.text).toBe(first.text);
      await finally_(first.body.id, 'confirmed');
      expect(await available()).toBe(before - 1);
      const other = await buy(shop(), ada, { productId: product.productId, quantity: 3, key });
      expect(other.status).toBe(422);
      expect(other.body.type).toContain('idempotency-key-reused');
    });

    it('needs an idempotency key', async () => {
      const response = await shop().call('/api/v1/orders', {
        method: 'POST',
        token: ada.token,
        json: { items: [{ productId: product.productId, quantity: 1 }], paymentMethod: 'pm_ok' },
      });
      expect(response.status).toBe(400);
      expect(response.body.type).toContain('idempotency-key-required');
    });

    it('that is declined charges nothing and leaves the stock as it was', async () => {
      const before = await available();
      const response = await buy(shop(), ada, { productId: product.productId, paymentMethod: 'pm_declined' });
      expect(response.status).toBe(402);
      expect(response.body.type).toContain('payment-declined');
      await eventually(async () => expect(await available()).toBe(before));
    });

    it('of what is sold out is refused', async () => {
      const none = await eventually(() => soldOutProduct(shop()), { timeoutMs: 15_000 });
      const response = await buy(shop(), ada, { productId: none.productId });
      expect(response.status).toBe(409);
      expect(response.body.type).toContain('out-of-stock');
    });

    it('of what does not exist is refused', async () => {
      const response = await buy(shop(), ada, { productId: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a' });
      expect(response.status).toBe(422);
      expect(response.body.type).toContain('unknown-product');
    });

    it('never takes a price from the client', async () => {
      const total = { amount: 1, currency: product.price.currency };
      const expected = await buy(shop(), ada, {
        productId: product.productId,
        more: { expectedTotal: total },
      });
      expect(expected.status).toBe(409);
      expect(expected.body.type).toContain('price-changed');
      expect((await buy(shop(), ada, { productId: product.productId, more: { price: total } })).status).toBe(
        422,
      );
    });

    it('can wait: an order placed with respond-async is pending and finishes by itself', async () => {
      const response = await buy(shop(), ada, {
        productId: product.productId,
        headers: { prefer: 'respond-async' },
      });
      expect(response.status).toBe(202);
      expect(response.headers.get('location')).toBe(`/api/v1/orders/${response.body.id}`);
      await finally_(response.body.id, 'confirmed');
    });

    it('can be followed as it happens', async () => {
      const client = createClient({ origin: shop().origin, token: () => ada.token });
      const { body } = await client.call('post', '/api/v1/orders', {
        headers: { Prefer: 'respond-async' },
        body: { items: [{ productId: product.productId, quantity: 1 }], paymentMethod: 'pm_ok' },
      });
      const follow = async (after?: string) => {
        const seen: { id: string; state: string }[] = [];
        const request = { path: { orderId: body.id }, ...(after === undefined ? {} : { after }) };
        for await (const { id, data } of client.follow('/api/v1/orders/{orderId}/events', request))
          seen.push({ id, state: data.state });
        return seen;
      };
      const seen = await follow();
      expect(seen.at(-1)?.state).toBe('confirmed');
      const ids = seen.map(({ id }) => Number(id));
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(await follow(seen.at(-2)?.id)).toEqual(seen.slice(-1));
    });

    it('is refused with a problem that the client package knows by its type', async () => {
      const client = createClient({ origin: shop().origin, token: () => ada.token });
      const expectedTotal = { amount: 1, currency: product.price.currency };
      const items = [{ productId: product.productId, quantity: 2 }];
      const refused = await client
        .call('post', '/api/v1/orders', { body: { items, paymentMethod: 'pm_ok', expectedTotal } })
        .catch((error: unknown) => error);
      if (!(refused instanceof ProblemError) || !refused.is('price-changed')) throw refused;
      expect(refused.problem.total.amount).toBe(product.price.amount * 2);
    });

    it('can be undone: cancelling a confirmed order gives money and stock back', async () => {
      const before = await available();
      const { body } = await buy(shop(), ada, { productId: product.productId });
      const cancel = await shop().call(`/api/v1/orders/${body.id}/cancel`, {
        method: 'POST',
        token: ada.token,
      });
      expect([200, 202]).toContain(cancel.status);
      await finally_(body.id, 'refunded');
      await eventually(async () => expect(await available()).toBe(before));
      const again = await shop().call(`/api/v1/orders/${body.id}/cancel`, {
        method: 'POST',
        token: ada.token,
      });
      expect([200, 409]).toContain(again.status);
    });

    it('that waits for the buyer says so, and can be cancelled', async () => {
      const response = await buy(shop(), ada, {
        productId: product.productId,
        paymentMethod: 'pm_requires_action',
      });
      expect(response.status).toBe(202);
      await eventually(async () => {
        const { body } = await order(response.body.id);
        expect(body.nextAction).toMatchObject({ type: 'redirect', url: expect.stringMatching(/^https?:/) });
      });
      await shop().call(`/api/v1/orders/${response.body.id}/cancel`, { method: 'POST', token: ada.token });
      await finally_(response.body.id, 'cancelled');
    });
  });
}
