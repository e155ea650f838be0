/** Step 5: a service that was generated is part of the shop, and keeps what the learner told it. */
import { Missing } from './missing.mjs';
import { said } from './running-shop.mjs';

/** Those of the shop as it comes. */
const ofTheShop = new Set([
  'gateway',
  'auth',
  'profile',
  'product',
  'search',
  'inventory',
  'order',
  'payment',
  'notification',
]);
const tagsOfTheShop = new Set([
  'admin',
  'auth',
  'notifications',
  'orders',
  'payments',
  'products',
  'profile',
  'search',
  'stock',
]);

export const check = async (shop, found) => {
  const mine = Object.keys(shop.processes).filter((name) => !ofTheShop.has(name));
  if (mine.length === 0)
    throw new Missing(
      'The shop that runs has the nine services that it comes with. Generate yours, end the shop with Ctrl-C, and start it again.',
    );
  found(`The shop runs with a service of yours: ${mine.join(', ')}.`);

  const { body: document } = await shop.get('/api/v1/openapi.json');
  const lists = Object.entries(document.paths)
    .filter(
      ([target, { get }]) => get && !target.includes('{') && !get.tags.some((tag) => tagsOfTheShop.has(tag)),
    )
    .map(([target]) => target);
  if (lists.length === 0)
    throw new Missing('None of its endpoints is public yet; see docs/adding-a-service.md.');
  found(`The gateway leads to it: ${lists.join(', ')}.`);

  const responses = await Promise.all(
    lists.map(async (target) => [target, await shop.getAsCustomer(target)]),
  );
  const [target, list] = responses.find(([, { body }]) => body?.items?.length > 0) ?? responses[0];
  if (list.status !== 200) throw new Missing(`${target} does not respond with a list: ${said(list.status)}.`);
  if (list.body.items.length === 0)
    throw new Missing(`${target} responds, and is empty. Create something as the page says.`);
  found(`${target} lists what you created: ${JSON.stringify(list.body.items[0])}.`);
};
