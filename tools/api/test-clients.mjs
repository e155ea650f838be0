/**
 * `npm run test:clients [-- CLIENT …]`: starts the shop in one process and does what `docs/clients.md` says, with the
 * document that this shop serves: a client is generated and compiled for each language, and a program buys with it what
 * costs more than 32 bits hold. The last line is `N passed, N failed`.
 */
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureApiTools } from './api-tools.ts';
import { buildShop } from '../build/build-shop.ts';
import { readClientExamples } from './client-examples.ts';
import { findOnPath } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { root, runtimeEnvironment } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { until } from '../test/processes.ts';
import { ensurePythonTools } from './python-tools.ts';
import { startShop } from '../test/shop.ts';
import { stopUnavailable } from '../test/unavailable.ts';

/** What has to be on the PATH; all else is installed. */
const needed = { go: ['go'], java: ['javac', 'mvn'] };
const generated = ['python', 'go'];
const exampleMs = 600_000;
// 30 million euros, which 32 bits do not hold in cents.
const price = { amount: 3_000_000_000, currency: 'EUR' };

const examples = readClientExamples();
const names = process.argv.slice(2);
const unknown = names.filter((name) => !examples.some((example) => example.name === name));
if (unknown.length > 0) {
  console.error(
    `Unknown client ${unknown.join(', ')}; there are: ${examples.map((each) => each.name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = examples.filter(({ name }) => names.length === 0 || names.includes(name));
for (const { name } of chosen)
  for (const program of needed[name] ?? [])
    if (!findOnPath(program))
      stopUnavailable(
        `${program} is needed for the client ${name}; others are tried by npm run test:clients -- CLIENT.`,
      );

const npmTools = path.join(ensureApiTools(), 'node_modules');
const programs = [path.join(npmTools, '.bin')];
if (chosen.some(({ name }) => generated.includes(name)))
  programs.unshift(
    path.dirname(
      ensurePythonTools({
        name: 'openapi-generator',
        program: 'openapi-generator-cli',
        requirements: 'openapi-generator.requirements.txt',
      }),
    ),
  );

buildShop(['monolith']);
const { createClient } = await load('libs/client/src/client.ts');
const { folder, processes, step, say, run } = createEndToEndTest('clients');
await run(async () => {
  const dataDir = path.join(folder, 'data');
  const { origin } = await startShop(processes, { command: 'monolith', dataDir });
  const { adminPassword } = JSON.parse(await readFile(path.join(dataDir, 'secrets.json'), 'utf8'));
  await offer(origin, adminPassword);
  say('the shop is up, and offers what costs more than 32 bits hold');
  const openApi = await (await fetch(`${origin}/api/v1/openapi.json`)).text();
  for (const example of chosen)
    await step(`${example.title}: generated and compiled, and it buys`, () =>
      tryOut(example, origin, openApi),
    );
});

/** Puts the newest product on sale, which is dear. */
async function offer(origin, password) {
  let token;
  const shop = createClient({ origin, token: () => token });
  const { body } = await shop.call('post', '/api/v1/auth/login', {
    body: { email: 'admin@shop.example', password },
  });
  token = body.tokens.accessToken;
  const sku = 'CONCERT-GRAND';
  await shop.call('post', '/api/v1/products', {
    body: {
      sku,
      slug: 'concert-grand',
      name: 'Concert grand piano',
      description: 'Played once, by Clara Schumann',
      category: 'audio',
      price,
    },
  });
  await until('the piano has a stock', async () => {
    const path = { sku };
    const { headers } = await shop.call('get', '/api/v1/stock/{sku}', { path });
    await shop.call('put', '/api/v1/stock/{sku}', {
      path,
      headers: { 'If-Match': headers.get('etag') },
      body: { onHand: 100 },
    });
    return true;
  });
  await until('the piano is found', async () => {
    const query = { inStock: true, sort: 'newest', limit: 1 };
    const { body: page } = await shop.call('get', '/api/v1/search', { query });
    return page.items[0]?.sku === sku;
  });
}

/** @throws Error with the end of what it said, where a command fails or it bought something else */
async function tryOut({ name, folder: source, commands }, origin, openApi) {
  const place = path.join(folder, name);
  cpSync(source, place, { recursive: true });
  writeFileSync(path.join(place, 'openapi.json'), openApi);
  symlinkSync(npmTools, path.join(place, 'node_modules'), 'junction');
  const environment = runtimeEnvironment();
  const child = processes.start(
    'sh',
    ['-ec', commands.replaceAll('http://localhost:3000', origin)],
    { ...environment, BULKHEAD: root, PATH: [...programs, environment.PATH].join(path.delimiter) },
    { cwd: place, timeout: exampleMs },
  );
  const code = await child.ended;
  const bought = new RegExp(`^[0-9a-f-]{36}: confirmed, ${price.amount} ${price.currency}$`, 'm');
  if (code !== 0 || !bought.test(child.output))
    throw new Error(`ended with ${code}, and said\n${child.output.slice(-5_000)}`);
}
