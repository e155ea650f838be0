import { randomUUID } from 'node:crypto';
import { loadConfig } from '@bulkhead/service/config';
import { eventually } from '@bulkhead/testing/eventually';
import { OrderConfig } from '../config';
import { startTestShop } from '../testing/test-shop';

test('staff get the address of the trace of an order, if one was recorded', async () => {
  const t = await startTestShop({ TRACE_URL: 'https://traces.example/trace/{traceId}?from=shop' });
  try {
    const { productId } = t.shop.addProduct('TRACED', 100, 100);
    const user = randomUUID();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const placeIn = (traceparent: string) =>
      // A cold process on a busy machine may not get its prices in time.
      eventually(async () => {
        const { status } = await t.request(user, 'POST', '/api/v1/orders', {
          headers: { 'idempotency-key': traceparent, traceparent },
          body: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' },
        });
        expect([201, 202]).toContain(status);
      });
    await placeIn(`00-${traceId}-b7ad6b7169203331-01`);
    await placeIn(`00-${traceId}-b7ad6b7169203331-00`);
    const { body } = await t.request(user, 'GET', `/api/v1/admin/orders?userId=${user}`, { admin: true });
    expect(body.items).toMatchObject([
      { traceUrl: null },
      { traceUrl: `https://traces.example/trace/${traceId}?from=shop` },
    ]);
  } finally {
    await t.stop();
  }
});

test.each(['https://traces.example/trace', 'javascript:alert({traceId})', '{traceId}'])(
  'a service does not start with %s for it',
  (TRACE_URL) => {
    expect(() => loadConfig(OrderConfig, { TRACE_URL })).toThrow('TRACE_URL');
  },
);
