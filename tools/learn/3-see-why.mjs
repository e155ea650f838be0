/** Step 3: without policies, orders that hang take every place, and nobody sees the products any more. */
import { wait } from '../test/processes.ts';
import { Missing } from './missing.mjs';
import { said } from './running-shop.mjs';

/** More than the shop has places; see naivePlaces in apps/monolith/src/run-monolith.ts. */
const buyers = 24;
/** Until all of them have been taken on. */
const settleMs = 1_500;
const patienceMs = 3_000;

export const check = async (shop, found) => {
  const faults = await shop.faults('order');
  if (!faults?.some(({ target, effect }) => target.name.startsWith('inventory') && effect.type === 'hang'))
    throw new Missing(
      'No fault lets calls to inventory hang. Set it as the page says (a start forgets faults).',
    );

  // Who buys, and what, is asked for while the shop can still be asked.
  const buy = await shop.prepareToBuy();
  found(`Calls to inventory hang, and ${buyers} people buy now …`);
  const leaving = new AbortController();
  const orders = Array.from({ length: buyers }, () => buy({ signal: leaving.signal, withinMs: 60_000 }));
  try {
    await wait(settleMs);
    const products = await shop.get('/api/v1/products?limit=5', { withinMs: patienceMs });
    if (products.status === 200)
      throw new Missing(
        `The products are shown all the same, after ${products.ms} ms: this shop has its policies. Start it with RESILIENCE=off and what else the page says.`,
      );
    found(`Who only wants to see the products has ${said(products.status)} within ${patienceMs / 1000} s.`);
  } finally {
    leaving.abort();
    await Promise.all(orders);
  }
};
