/** Step 4: search runs as a process of its own, and the shop uses it. */
import { Missing } from './missing.mjs';
import { said, sumOf } from './running-shop.mjs';

const searches = 'http_server_request_duration_seconds_count';
const ofSearch = ['route="/api/v1/search"'];

export const check = async (shop, found) => {
  const { search, gateway } = shop.processes;
  const processes = new Set(Object.values(shop.processes).map(({ admin }) => admin));
  if (search.admin === gateway.admin)
    throw new Missing(
      'All services run in one process. End the shop with Ctrl-C, and start it with SPLIT_OFF=search as the page says.',
    );
  if (processes.size !== 2)
    throw new Missing(
      `The shop runs as ${processes.size} processes, and this step wants two. Start it with SPLIT_OFF=search npm start.`,
    );
  const before = await shop.metrics('search');
  if (before === '')
    throw new Missing('The process of search does not respond. Start it again: npm run services -- search.');
  found(`Search runs in a process of its own, and all other services in another one.`);

  const { status, body, ms } = await shop.get('/api/v1/search?q=cable');
  if (status !== 200 || body.items.length === 0)
    throw new Missing(
      `A search through the gateway found nothing (${said(status)}). A new index needs a moment; check again.`,
    );
  const asked = sumOf(await shop.metrics('search'), searches, ofSearch) - sumOf(before, searches, ofSearch);
  if (asked < 1) throw new Missing('The search did not reach that process.');
  found(`A search through the gateway was handled there: ${body.items.length} products after ${ms} ms.`);

  const order = await shop.buy();
  if (!order.body?.id || !(await shop.confirmedOrder(order.body.id)))
    throw new Missing(`An order is not confirmed: ${said(order.status)}.`);
  found(`An order is confirmed meanwhile: ${order.body.id}.`);
};
