import { eventually } from '@bulkhead/testing/eventually';
import type { Walker } from './walker';

/** @param made a product that has just been made */
export async function walkStock({ call, admin }: Walker, made: { sku: string }): Promise<void> {
  await eventually(async () => {
    if ((await call('getStock', { params: { sku: made.sku } })).status !== 200)
      throw new Error('no stock yet');
  });
  await call('getStock', { params: { sku: 'NO-SUCH-SKU' } });
  const sku = { sku: made.sku };
  const stock = await call('getStock', { params: sku });
  await call('setStock', {
    token: admin.token,
    params: sku,
    headers: { 'if-match': stock.headers.get('etag')! },
    json: { onHand: 1000 },
  });
  await call('setStock', {
    token: admin.token,
    params: sku,
    headers: { 'if-match': '"99999"' },
    json: { onHand: 1 },
  });
  await call('setStock', { token: admin.token, params: sku, json: { onHand: 1 } });
  await call('setStock', {
    token: admin.token,
    params: { sku: 'NO-SUCH-SKU' },
    headers: { 'if-match': '*' },
    json: { onHand: 1 },
  });
  await call('adjustStock', { token: admin.token, params: sku, json: { delta: 5, reason: 'found' } });
  await call('adjustStock', { token: admin.token, params: sku, json: { delta: -100_000, reason: 'lost' } });
  await call('adjustStock', {
    token: admin.token,
    params: { sku: 'NO-SUCH-SKU' },
    json: { delta: 1, reason: 'found' },
  });
  await call('listStockMovements', { token: admin.token, params: sku });
  await call('listStockMovements', { token: admin.token, params: { sku: 'NO-SUCH-SKU' } });
}
