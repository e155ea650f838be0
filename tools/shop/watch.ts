/**
 * `npm start -- --watch`: bundles again what is edited, and starts the shop again with it. The database, which takes the
 * longest to start, stays up meanwhile. What does not compile changes nothing.
 */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import path from 'node:path';
import type * as LastingPostgres from '@bulkhead/app/monolith/src/local/lasting-postgres';
import { root, runtime, shopEnvironment } from '../bootstrap/install.mjs';
import { nodeFlags } from './launch.ts';
import { load } from '../build/load.ts';
import { freePort, wait } from '../test/processes.ts';
import { namesIn } from './split-off.ts';

const launcher = path.join(root, 'dist/apps/monolith/main.js');
/** One edit writes several files. */
const settleMs = 30;
/** The shop survives being killed, so that nobody has to wait for requests that are under way. */
const graceMs = 500;

const given = process.argv.slice(2);
const flags = [...nodeFlags, ...given.filter((word) => word === '--inspect')];
const { DATABASE_ADMIN_URL, DATA_DIR = '.bulkhead', PORT, ADMIN_PORT, SPLIT_OFF = '' } = process.env;
/** Apps that run beside the monolith; a name that is none is refused by the shop. */
const beside = namesIn(SPLIT_OFF)
  .map((name) => `apps/${name}`)
  .filter((app) => existsSync(path.join(root, app)));

const { startLastingPostgres } = await load<typeof LastingPostgres>(
  'apps/monolith/src/local/lasting-postgres.ts',
);
const postgres = DATABASE_ADMIN_URL
  ? undefined
  : await startLastingPostgres(path.resolve(root, DATA_DIR), given.includes('--fresh')).catch(
      (error: Error) => {
        console.error(`The shop cannot start: ${error.message}.`);
        process.exit(1);
      },
    );
const environment = {
  ...shopEnvironment(),
  DATABASE_ADMIN_URL: DATABASE_ADMIN_URL ?? postgres?.adminUrl,
  // The same after each edit.
  ...(PORT === '0' && { PORT: String(await freePort()) }),
  ...(ADMIN_PORT === '0' && { ADMIN_PORT: String(await freePort()) }),
};

interface Running extends ChildProcess {
  readonly ended: Promise<number | null>;
}

const run = (words: readonly string[], options: SpawnOptions): Running => {
  const child = spawn(runtime(), words, { cwd: root, ...options });
  return Object.assign(child, {
    ended: new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code))),
  });
};

let shop: Running | undefined;
let starts = 0;
let isEnding = false;

function start(): void {
  const again = starts > 0 ? ['--again'] : [];
  starts += 1;
  const child = run([...flags, launcher, 'monolith', ...again], { stdio: 'inherit', env: environment });
  shop = child;
  void child.ended.then((code) => {
    if (child !== shop || isEnding) return;
    console.log(`The shop ended (${code}); it starts again after the next edit.`);
  });
}

async function stop(): Promise<void> {
  const child = shop;
  shop = undefined;
  child?.kill('SIGTERM');
  await Promise.race([child?.ended, wait(graceMs)]);
  child?.kill('SIGKILL');
  await child?.ended;
}

let restarting = Promise.resolve();
let due: NodeJS.Timeout | undefined;
const restartSoon = () => {
  clearTimeout(due);
  due = setTimeout(() => {
    restarting = restarting.then(async () => {
      if (isEnding) return;
      await stop();
      start();
    });
  }, settleMs);
};

const builder = run(['tools/build/build.ts', '--watch', 'apps/monolith', 'apps/storefront', ...beside], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: shopEnvironment(),
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
void builder.ended.then((code) => end(code ?? 1));
await new Promise((resolve) => builder.once('message', resolve));

start();
// Folders, each by itself: a recursive watch follows files, and loses those that are replaced.
const monolith = path.dirname(launcher);
const migrations = path.join(monolith, 'migrations');
for (const folder of [
  monolith,
  path.join(monolith, 'ops'),
  path.join(root, 'dist/apps/storefront/site'),
  ...beside.map((app) => path.join(root, 'dist', app)),
  ...readdirSync(migrations).map((service) => path.join(migrations, service)),
])
  watch(folder, (_, file) => {
    // The map is written before its bundle, and each file under another name first.
    if (file && !/\.(new|map)$/.test(file)) restartSoon();
  });

async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  builder.kill('SIGTERM');
  await restarting;
  await stop();
  await postgres?.stop();
  process.exit(code);
}
