/**
 * `npm run test:create [-- --check]`: makes a shop without search and notification, under a scope of its own, from the
 * work tree as it is and with the packages that are here; checks its types, runs some of its tests, builds the monolith,
 * starts it and buys something. With `--check` also its format and lint, and its documentation as a site. The last line is
 * `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { linkPackages, takeClients } from '../test/fresh-clone.ts';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { createPatientClient } from '../test/patient-client.ts';
import { until } from '../test/processes.ts';
import { startShop } from '../test/shop.ts';
import { programsOf } from '../test/workspace-programs.ts';

const { commandsAfterInstall, initialiseGit, runIn, writeWorkspace } = await load(
  'libs/create-bulkhead/src/create-shop.ts',
);
const isThorough = process.argv.includes('--check');
const { folder, processes, step, run } = createEndToEndTest('create', { stopAtFailure: true });
const choices = {
  folder: path.join(folder, 'my-shop'),
  name: 'my-shop',
  scope: '@acme',
  leftOut: ['search', 'notification'],
};
const shop = choices.folder;
const programs = programsOf(processes, shop);

/** Files in which the old scope, or a service that was left out, is imported. */
function leftovers(place = shop) {
  return readdirSync(place, { withFileTypes: true })
    .filter(({ name }) => !/^(node_modules|\.git|\.nx|dist|generated)$/.test(name))
    .flatMap((entry) => {
      const file = path.join(place, entry.name);
      if (entry.isDirectory()) return leftovers(file);
      if (!/\.([cm]?[jt]sx?|json|md)$/.test(entry.name) || !existsSync(file)) return [];
      const text = readFileSync(file, 'utf8');
      return /@bulkhead\b|@acme\/(app|contracts)\/(search|notification)\//.test(text)
        ? [path.relative(shop, file)]
        : [];
    });
}

async function buySomething() {
  const dataDir = path.join(folder, 'data');
  const monolith = await startShop(processes, { command: 'monolith', dataDir, workspace: shop });
  const { call, register } = createPatientClient(monolith.origin);
  try {
    const token = await register();
    const { items } = await call('/api/v1/products?limit=20');
    const inStock = async ({ sku }) => (await call(`/api/v1/stock/${sku}`)).available > 0;
    let product;
    for (const each of items) if (!product && (await inStock(each))) product = each;
    const { id } = await call('/api/v1/orders', {
      method: 'POST',
      token,
      key: randomUUID(),
      json: orderOf(product.productId),
    });
    await until(
      'the order is confirmed',
      async () => (await call(`/api/v1/orders/${id}`, { token })).status === 'confirmed',
    );
    for (const target of ['/api/v1/search?q=a', '/api/v1/notifications']) {
      const { status } = await fetch(monolith.origin + target, {
        headers: { authorization: `Bearer ${token}` },
      });
      if (status !== 404) throw new Error(`${target} gives ${status}`);
    }
    // Without the service that was left out, profile asks the others for what they hold.
    await call('/api/v1/me/export', { token });
  } catch (error) {
    throw new Error(`${error.message}\n${monolith.output().slice(-4_000)}`);
  } finally {
    await monolith.stop();
  }
}

const orderOf = (productId) => ({
  items: [{ productId, quantity: 1 }],
  paymentMethod: 'pm_ok',
});

await run(async () => {
  await step('a shop is made', () => {
    const renamed = writeWorkspace(choices, { checkout: root }, '0.0.0');
    initialiseGit(shop, '0.0.0');
    linkPackages(shop);
    takeClients(shop);
    for (const command of commandsAfterInstall(choices, renamed)) runIn(shop, command);
  });
  await step('nothing imports another scope, or what was left out', () => {
    const found = leftovers();
    if (found.length > 0) throw new Error(found.join('\n'));
  });
  await step('its types hold', () => programs.run('tools/run.mjs', 'types'));
  await step('its services lack nothing', () => programs.jest('libs/tools', 'missing-parts'));
  await step('its contracts hold', () => programs.jest('libs/contracts'));
  await step('its rules and dashboards are those of its services', () => programs.jest('k8s'));
  await step('a person is forgotten by those that are left', () => programs.jest('apps/profile', 'erasure'));
  await step('the gateway serves what there is', () => programs.jest('apps/gateway'));
  await step('the monolith is built', () => programs.nx('run-many', '-t', 'build', '--projects=monolith'));
  await step('it starts, and something is bought', buySomething);
  if (isThorough) {
    await step('format and lint hold', () => programs.run('tools/run.mjs', 'check'));
    await step('its documentation is built, and every link leads somewhere', () =>
      programs.run('tools/run.mjs', 'docs:site', '--check'),
    );
  }
});
