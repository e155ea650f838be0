import { nobodys, type Walker } from './walker';

/** @returns an order that was paid */
export async function walkOrders(walker: Walker, token: string, product: { productId: string }) {
  const { call, admin } = walker;
  const buy = (change: object = {}, headers: Record<string, string> = walker.key()) =>
    call('placeOrder', {
      token,
      headers,
      json: { items: [{ productId: product.productId, quantity: 1 }], paymentMethod: 'pm_ok', ...change },
    });
  const bought = (await buy()).body as { id: string };
  await buy({ paymentMethod: 'pm_declined' });
  await buy({ expectedTotal: { amount: 1, currency: 'EUR' } });
  await buy({}, {});
  const waiting = (await buy({ paymentMethod: 'pm_requires_action' })).body as { id: string };
  await call('listOrders', { token });
  await call('getOrder', { token, params: { orderId: bought.id } });
  await call('getOrder', { token, params: { orderId: nobodys } });
  await call('streamOrder', { token, params: { orderId: waiting.id } });
  await call('streamOrder', { token, params: { orderId: nobodys } });
  await call('cancelOrder', { token, params: { orderId: waiting.id } });
  const declined = (await call('listOrders', { token, query: '?status=rejected' })).body.items as {
    id: string;
  }[];
  if (declined[0]) await call('cancelOrder', { token, params: { orderId: declined[0].id } });
  await call('cancelOrder', { token, params: { orderId: nobodys } });
  await call('searchOrders', { token: admin.token });
  return { orderId: bought.id };
}
