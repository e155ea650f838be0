/**
 * `npm run test:watch`: in a clone of the work tree as it is, edits an app and a contract under `npm start -- --watch`, and
 * tells how long each edit took to be served. The last line is `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEndToEndTest } from './end-to-end.ts';
import { makeClone } from './fresh-clone.ts';
import { ensureInstalled, shopEnvironment } from '../bootstrap/install.mjs';
import { freePort, until } from './processes.ts';

ensureInstalled();
const { folder, processes, step, say, run } = createEndToEndTest('watch');
const clone = path.join(folder, 'clone');
const edits = 3;

const product = 'apps/product/src/catalog/read-catalog.ts';
const contract = 'libs/contracts/src/product/api.ts';

const origin = `http://127.0.0.1:${await freePort()}`;

/** @returns what the shop responds with; undefined while it is down */
const ask = async (target, { method = 'GET', json } = {}) => {
  const response = await fetch(origin + target, {
    method,
    ...(json && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }),
  }).catch(() => undefined);
  return response && { status: response.status, text: await response.text() };
};

/** @returns ms until it was so. @throws Error with the end of what the shop said */
const untilShop = (what, test) =>
  until(what, test, undefined, 20).catch((error) => {
    throw new Error(`${error.message}:\n${shop.output.slice(-3_000)}`);
  });

const edit = (file, from, to) => {
  const place = path.join(clone, file);
  const before = readFileSync(place, 'utf8');
  if (!before.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(place, before.replace(from, to));
};

makeClone(clone, { packages: 'linked', clients: true });
const shop = processes.start(
  'npm',
  ['start', '--', '--watch'],
  {
    ...shopEnvironment(),
    NODE_ENV: 'test',
    DATA_DIR: path.join(folder, 'data'),
    PORT: new URL(origin).port,
    ADMIN_PORT: '0',
  },
  { cwd: clone },
);
const account = { email: `${randomUUID()}@people.example`, password: `pw-${randomUUID()}` };
const unknownProduct = `/api/v1/products/${randomUUID()}`;

await run(async () => {
  await step('The shop comes up', async () => {
    await untilShop('the shop is up', () => /Bulkhead is up at/.test(shop.output));
    const { status, text } = await ask('/api/v1/auth/register', {
      method: 'POST',
      json: { ...account, name: 'Ada' },
    });
    if (status !== 201) throw new Error(text);
  });
  for (const [what, file, from, served] of [
    ['an app', product, 'There is no such product.', unknownProduct],
    ['a contract', contract, 'List the catalog, newest first', '/api/v1/openapi.json'],
  ])
    await step(`Edits of ${what} are served`, async () => {
      const took = [];
      for (let number = 1; number <= edits; number += 1) {
        const word = `edit-${randomUUID()}`;
        const original = readFileSync(path.join(clone, file), 'utf8');
        edit(file, from, `${from} ${word}`);
        took.push(
          await untilShop(`edit ${number} of ${what} is served`, async () =>
            (await ask(served))?.text.includes(word),
          ),
        );
        writeFileSync(path.join(clone, file), original);
        await untilShop('the edit is taken back', async () => {
          const response = await ask(served);
          return response && !response.text.includes(word);
        });
      }
      say(`edits of ${what} were served after ${took.join(', ')} ms`);
    });
  await step('What does not compile is named, and the shop goes on', async () => {
    edit(product, 'import', 'imports');
    await untilShop('the error is printed', () => /read-catalog\.ts:\d+/.test(shop.output));
    await untilShop('the shop responds', async () => (await ask(unknownProduct))?.status === 404);
    edit(product, 'imports', 'import');
  });
  await step('What was kept before the edits is there', async () => {
    await untilShop(
      'somebody can sign in',
      async () => (await ask('/api/v1/auth/login', { method: 'POST', json: account }))?.status === 200,
    );
  });
  await step('It ends as a whole', async () => {
    shop.kill('SIGTERM');
    await untilShop('npm has ended', () => shop.exitCode !== null || shop.signalCode !== null);
    // npm is gone before what it started.
    await untilShop('the shop has ended', async () => (await ask('/api/v1/products')) === undefined);
  });
});
