/** Trouble of the kinds that dashboards and alerts are there for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import amqp from 'amqplib';
import { load } from '../build/load.ts';
import { until, wait } from '../test/processes.ts';

const adminToken = 'a-token-for-this-run-only';

/** What a shop needs so that it can be drilled. */
export const drillEnvironment = { FAULTS: 'on', ADMIN_TOKEN: adminToken };

const killed = ['payment', 'inventory', 'search'];
/** What a page of the storefront reports of a visit. */
const visit = { vitals: { lcp: 640, inp: 56, ttfb: 12 }, layoutShift: 0.02, errors: { script: 1 } };
const away = 12_000;
const every = 150;

/** Until an order is confirmed within its budget, which the first of a process seldom is on a busy machine. */
export const warmUp = async ({ origin }) => {
  const { createShopClient, register, buy, plentifulProduct } = await load('apps/acceptance/src/client.ts');
  const client = createShopClient(origin);
  const ada = await register(client);
  const isConfirmed = async () => {
    const { productId } = await plentifulProduct(client);
    return (await buy(client, ada, { productId })).status === 201;
  };
  await until('people can buy', isConfirmed);
};

/**
 * A message that nobody can read, services that are killed and come back, and people who go on looking, buying and
 * changing their minds meanwhile.
 * @param {{ shop: { origin: string, startAgain: (name: string) => unknown }, dataDir: string }} options
 */
export const drill = async ({ shop, dataDir }) => {
  const read = (name) => JSON.parse(readFileSync(path.join(dataDir, 'processes', `${name}.json`), 'utf8'));
  const { createShopClient, register, buy, plentifulProduct } = await load('apps/acceptance/src/client.ts');
  const client = createShopClient(shop.origin);
  const ada = await register(client);
  const { productId, sku } = await plentifulProduct(client);

  const quietly = (call) => call.catch(() => undefined);
  const people = async (ms) => {
    for (const end = Date.now() + ms; Date.now() < end; await wait(every)) {
      const calls = [
        buy(client, ada, { productId }),
        ...['/api/v1/search?q=kettle', `/api/v1/stock/${sku}`, `/api/v1/products/${productId}`].map((at) =>
          client.call(at),
        ),
        client.call('/api/v1/notifications', { token: ada.token }),
        client.call('/api/v1/orders', { method: 'POST', token: ada.token, raw: '{' }),
        client.call('/api/v1/page-reports', { method: 'POST', json: visit }),
      ];
      void Promise.all(calls.map(quietly));
    }
  };

  await sendUnreadable(read('order').RABBITMQ_URL);
  const { createAdminPort } = await load('experiments/shop/admin-port.ts');
  const adminOf = (name) => createAdminPort(() => read('running')[name].adminPort, adminToken);
  await breakNotification(adminOf('notification'));
  await crowdSearch(client, { search: adminOf('search'), gateway: adminOf('gateway') });
  await changeCatalog(client, { password: read('auth').AUTH_ADMIN_PASSWORD, productId });
  await forgetSomebody(client, await register(client));
  await people(8_000);
  for (const name of killed) process.kill(read('running')[name].pid, 'SIGKILL');
  await people(away);
  for (const name of killed) shop.startAgain(name);
  const serves = async (at) => (await client.call(at)).status === 200;
  await until(
    'the killed services serve again',
    async () => (await serves('/api/v1/search?q=kettle')) && (await serves(`/api/v1/stock/${sku}`)),
  );
  const isConfirmed = async () => (await buy(client, ada, { productId })).status === 201;
  await until('people can buy again', isConfirmed);

  for (let n = 0; n < 5; n++) {
    const { body } = await buy(client, ada, { productId });
    await client.call(`/api/v1/orders/${body.id}/cancel`, { method: 'POST', token: ada.token });
  }
  await people(15_000);
};

/** Somebody who leaves, which every service hears of. */
const forgetSomebody = async (client, { token }) => {
  const isKnown = async () => (await client.call('/api/v1/me', { token })).status === 200;
  await until('a person is known', isKnown);
  await client.call('/api/v1/me', { method: 'DELETE', token });
};

/** The admin's work: another name for a product, a product more, and the index of the search made anew. */
const changeCatalog = async (client, { password, productId }) => {
  const login = await client.call('/api/v1/auth/login', {
    method: 'POST',
    json: { email: 'admin@shop.example', password },
  });
  const token = login.body.accessToken ?? login.body.tokens.accessToken;
  const at = `/api/v1/products/${productId}`;
  const { headers, body } = await client.call(at);
  const { sku, slug, name, description, category, price } = body;
  const changed = await client.call(at, {
    method: 'PUT',
    token,
    headers: { 'if-match': headers.get('etag') },
    json: { sku, slug, name: `${name}, new`, description, category, price },
  });
  const more = { sku: 'DRILL-1', slug: 'drill-1', name: 'Drill', description, category, price };
  const added = await client.call('/api/v1/products', { method: 'POST', token, json: more });
  const rebuilt = await client.call('/api/v1/search/rebuild', { method: 'POST', token });
  const statuses = [changed, added, rebuilt].map(({ status }) => status);
  if (statuses.join() !== '200,201,202') throw new Error(`the admin was answered with ${statuses}`);
};

/** Half of what it handles fails, and its database goes away in between: some events are put off, and consumers wait. */
const breakNotification = async (admin) => {
  const durationMs = 6_000;
  const faults = [
    {
      id: 'handling',
      target: { kind: 'consumer', name: '*' },
      effect: { type: 'error' },
      share: 0.5,
      durationMs,
    },
    {
      id: 'database',
      target: { kind: 'database', name: 'notification.inbox-claim' },
      effect: { type: 'reset' },
      share: 0.3,
      durationMs,
    },
  ];
  await admin.setFaults(faults);
};

/** More people search at once than may, and search is slow: some wait for a place at the gateway. */
const crowdSearch = async (client, { search, gateway }) => {
  const latency = { distribution: 'fixed', ms: 200 };
  const effect = { type: 'latency', latency };
  const hasMadeWait = async () => {
    await search.setFaults([{ id: 'slow', target: { kind: 'route' }, effect, durationMs: 3_000 }]);
    await Promise.all(Array.from({ length: 150 }, () => client.call('/api/v1/search?q=kettle')));
    return /^http_server_queue_wait_seconds_count\{.*\} [1-9]/m.test(await gateway.metrics());
  };
  await until('somebody has waited for a place', hasMadeWait);
};

const sendUnreadable = async (url) => {
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  const text = Buffer.from('not JSON');
  channel.publish('bulkhead.events', 'order.confirmed.v1', text, { messageId: 'unreadable' });
  await channel.waitForConfirms();
  await connection.close();
};
