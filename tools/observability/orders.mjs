/** Orders of which one is slow, one meets a failure and the others are neither, each with a trace of its client's. */
import { randomBytes } from 'node:crypto';
import { load } from '../build/load.ts';
import { until } from '../test/processes.ts';

/** Every service that takes part in an order. */
export const servicesOfAnOrder = [
  'gateway',
  'inventory',
  'notification',
  'order',
  'payment',
  'product',
  'profile',
];

/**
 * @param {string} origin of the shop
 * @param {(service: string, faults: object[]) => Promise<void>} setFaults
 * @param {number} fast how many that are neither slow nor fail
 * @returns {Promise<{ slow: string, failed: string, fast: string[] }>} the client's trace id of each
 */
export const placeOrders = async ({ origin, setFaults, fast = 20 }) => {
  const { createShopClient, register, buy, plentifulProduct } = await load('apps/acceptance/src/client.ts');
  const client = createShopClient(origin);
  const ada = await register(client);
  const { productId } = await plentifulProduct(client);
  const place = async (paymentMethod = 'pm_ok') => {
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
    const { status } = await buy(client, ada, { productId, paymentMethod, headers });
    return { traceId, status };
  };
  const confirmed = async (method) => {
    let placed;
    await until('an order is confirmed', async () => (placed = await place(method)).status === 201);
    return placed.traceId;
  };

  await confirmed();
  const quick = [];
  for (let n = 0; n < fast; n++) quick.push(await confirmed());

  const effect = { type: 'latency', latency: { distribution: 'fixed', ms: 700 } };
  const durationMs = 60_000;
  await setFaults('order', [{ id: 'slow', target: { kind: 'peer', name: 'product' }, effect, durationMs }]);
  const slow = await confirmed();
  await setFaults('order', []);

  // The provider fails once, is asked again, and takes the payment.
  const { traceId: failed } = await place('pm_error_once');

  // Somebody is answered with an error, which the service writes a line about.
  await setFaults('product', [
    { id: 'fails', target: { kind: 'database', name: '*' }, effect: { type: 'error' }, durationMs },
  ]);
  for (let n = 0; n < 5; n++) await client.call('/api/v1/products?limit=5').catch(() => undefined);
  await setFaults('product', []);
  return { slow, failed, fast: quick };
};
