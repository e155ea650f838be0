/**
 * `npm run test:learn [-- N …]`: takes the steps of docs/learn in a clone of the work tree, as a learner would, those that need
 * a cluster left out. The commands are those of the pages. Each check must fail before and pass after. The last line is
 * `N passed, N failed`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { makeClone } from '../test/fresh-clone.ts';
import { ensureInstalled, shopEnvironment } from '../bootstrap/install.mjs';
import { blocksOf, checkOf, pageOf, steps } from './course.mjs';
import { freePort, until } from '../test/processes.ts';

const chosen = process.argv.slice(2);
const unknown = chosen.find((number) => !steps[Number(number) - 1]);
if (unknown !== undefined) {
  console.error(`There is no step ${unknown}; there are 1 to ${steps.length}.`);
  process.exit(2);
}
ensureInstalled();

const { folder, processes, step, say, run } = createEndToEndTest('learn');
const clone = path.join(folder, 'clone');

/** A learner has no servers of others, and no settings. */
const {
  RABBITMQ_URL: _broker,
  RABBITMQ_MANAGEMENT_URL: _management,
  DATABASE_ADMIN_URL: _database,
  DATA_DIR: _dataDir,
  npm_lifecycle_event: _npm,
  ...given
} = shopEnvironment();
const environment = { ...given, PORT: String(await freePort()), ADMIN_PORT: String(await freePort()) };

/** npm may be gone before what it started is. A lock that was left behind holds nothing. */
const isHeld = () => {
  const lock = path.join(clone, '.bulkhead/lock');
  return existsSync(lock) && existsSync(`/proc/${JSON.parse(readFileSync(lock, 'utf8')).pid}`);
};

/** What runs in the first terminal. */
let shop;
const endShop = async () => {
  shop?.kill('SIGTERM');
  await shop?.ended;
  await until('the shop has ended', async () => !isHeld());
  shop = undefined;
};

const type = (commands) => processes.start('bash', ['-c', commands], environment, { cwd: clone });

const allReady = async () => {
  const { processes: places } = JSON.parse(readFileSync(path.join(clone, '.bulkhead/places.json'), 'utf8'));
  const admins = new Set(Object.values(places).map(({ admin }) => admin));
  const responses = await Promise.all([...admins].map((admin) => fetch(`${admin}/readyz`)));
  return responses.every(({ ok }) => ok);
};

/** What a learner does in the terminals, by the word behind the language of a block. */
const terminals = {
  async shop(commands) {
    await endShop();
    // Of a single command bash makes a process of its own, which takes the signal.
    shop = type(commands.trim());
    const ended = shop.ended.then(() => Promise.reject(new Error('it ended')));
    await Promise.race([until('the shop is up', () => /Bulkhead is up at/.test(shop.output)), ended]).catch(
      (error) => {
        throw new Error(`${commands}${error.message}:\n${shop.output.slice(-4_000)}`);
      },
    );
  },
  async beside(commands) {
    const typed = type(commands.trim());
    await until('all processes are ready', allReady).catch((error) => {
      throw new Error(`${commands}${error.message}:\n${typed.output.slice(-4_000)}`);
    });
  },
  async second(commands) {
    const typed = type(commands);
    await typed.ended;
    return typed.output;
  },
};

async function check(number) {
  const typed = type(`npm run --silent learn -- ${number}`);
  return { code: await typed.ended, output: typed.output };
}

async function take(number) {
  const name = steps[number - 1];
  await step(`${number}: the check fails before`, async () => {
    const { code, output } = await check(number);
    if (code !== 1 || !/^missing {2}/m.test(output)) throw new Error(`it ended with ${code}:\n${output}`);
  });
  await step(`${number}: the commands of ${pageOf(name)}, and the check passes`, async () => {
    const blocks = blocksOf(name);
    const last = blocks.pop();
    if (last?.commands !== `npm run learn -- ${number}\n`)
      throw new Error(`the page ends with ${last?.commands} instead of its check`);
    const said = [];
    for (const { where, commands } of blocks) said.push(commands, await terminals[where](commands));
    const { code, output } = await check(number);
    if (code !== 0) throw new Error(`it ended with ${code}:\n${output}\n${said.join('\n').slice(-4_000)}`);
    say(output.trim().split('\n').join('\n        '));
  });
}

await run(async () => {
  makeClone(clone, { packages: 'linked' });
  // The steps must not depend on what has been extracted in the learner's workspace.
  writeFileSync(path.join(clone, 'apps/monolith/extracted.json'), '{ "services": ["order", "payment"] }\n');
  try {
    for (const [index, name] of steps.entries()) {
      const number = index + 1;
      if (chosen.length > 0 && !chosen.includes(String(number))) continue;
      if ((await checkOf(name)).isInCluster) say(`${number}: needs a cluster, and is left out`);
      else await take(number);
    }
  } finally {
    await endShop();
  }
});
