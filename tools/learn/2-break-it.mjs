/** Step 2: orders cannot reach inventory, and those who only look around do not notice. */
import { Missing } from './missing.mjs';
import { said } from './running-shop.mjs';

const quickMs = 1_000;

export const check = async (shop, found) => {
  const faults = await shop.faults('order');
  if (!faults)
    throw new Missing(
      'This shop takes no faults. End it with Ctrl-C, and start it again with SPLIT_OFF=none FAULTS=on npm start.',
    );
  const set = faults.find(({ target }) => target.kind === 'peer' && target.name.startsWith('inventory'));
  if (!set)
    throw new Missing(
      'No fault is set on calls to inventory (they end by themselves after a while). Set it, as the page says, and check again.',
    );
  found(
    `The fault ${set.id} is set for ${Math.round(set.remainingMs / 1000)} s more, and has struck ${set.struck} times.`,
  );

  const order = await shop.buy();
  if (order.status === 201)
    throw new Missing(
      'An order was confirmed all the same. Set the fault as the page says, with the effect hang.',
    );
  if (order.status !== undefined && order.status !== 202 && order.status < 500)
    throw new Missing(`An order met another trouble than the fault (${said(order.status)}).`);
  found(
    order.status === 202
      ? `An order is taken, and not confirmed: its stock is not known after ${order.ms} ms.`
      : `An order is refused: ${said(order.status)} after ${order.ms} ms.`,
  );

  const products = await shop.get('/api/v1/products?limit=5');
  if (products.status !== 200 || products.ms > quickMs)
    throw new Missing(
      `The products should be shown as ever, but: ${said(products.status)} after ${products.ms} ms.`,
    );
  found(`The products are shown as ever: status 200 after ${products.ms} ms.`);
};
