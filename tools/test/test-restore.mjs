/**
 * `npm run test:restore`: docs/restore.md, done. A shop as processes on a PostgreSQL that has its own tools; orders; a
 * backup as the charts make it; more orders; a database that is ruined; then what the page says, step by step, while the
 * others serve on; and the comparison of the services, as their image makes it.
 * Needs a folder with `postgres`, `initdb`, `pg_dump`, `pg_restore`, `createdb` and `psql` of one version: POSTGRES_BIN,
 * or Debian's newest. The last line is `N passed, N failed`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { createEndToEndTest } from './end-to-end.ts';
import { ensureInstalled, root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { startOwnPostgres } from './own-postgres.ts';
import { until } from './processes.ts';
import { startShop } from './shop.ts';
import { stopUnavailable } from './unavailable.ts';

const service = 'order';
const database = `bulkhead_${service}`;

/** @returns the folder; without one this process ends */
const findTools = () => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => other - one) : [];
  const folders = [process.env.POSTGRES_BIN, ...versions.map((version) => `${debian}/${version}/bin`)];
  const found = folders.find((folder) => folder && existsSync(path.join(folder, 'initdb')));
  return (
    found ??
    stopUnavailable('PostgreSQL with its tools is needed: install it, or name its bin with POSTGRES_BIN.')
  );
};

/**
 * What the CronJob of the charts runs: logins by `prepare-backup`, then its script with PostgreSQL's own tools.
 * @returns runs a backup of these services; the exit code, and the folders of backups then
 */
const prepareBackup = async (folder, bin, url, services) => {
  const { prepareBackup: prepare } = await load('apps/chart-jobs/src/backup/command.ts');
  const [prepared, backups] = ['prepared', 'backups'].map((name) => path.join(folder, name));
  for (const each of [prepared, backups]) mkdirSync(each);
  const ofOwner = (service) => {
    const login = Object.assign(new URL(url), {
      username: `${service}_owner`,
      pathname: `/bulkhead_${service}`,
    });
    return [service, { MIGRATION_DATABASE_URL: login.href }];
  };
  await prepare({
    SERVICES: services.join(),
    CREDENTIALS: JSON.stringify(Object.fromEntries(services.map(ofOwner))),
    PREPARED_DIR: prepared,
  });
  const run = (names) => {
    const { status } = spawnSync('sh', [path.join(prepared, 'backup.sh')], {
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        SERVICES: names.join(' '),
        BACKUP_DIR: backups,
        KEEP_DAYS: '7',
        PGSERVICEFILE: path.join(prepared, 'pg_service.conf'),
        PGPASSFILE: path.join(prepared, 'pgpass'),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { status, folders: readdirSync(backups) };
  };
  return { backups, run };
};

/** `reconcile` of the charts' image: what it says, and its exit code. */
const compare = (url, services, waitMs) => {
  const ofApp = (service) => {
    const login = Object.assign(new URL(url), {
      username: `${service}_app`,
      pathname: `/bulkhead_${service}`,
    });
    return [service, { DATABASE_URL: login.href }];
  };
  const { status, stdout } = spawnSync(process.execPath, [jobs, 'reconcile'], {
    encoding: 'utf8',
    env: {
      SERVICES: services.join(),
      CREDENTIALS: JSON.stringify(Object.fromEntries(services.map(ofApp))),
      WAIT_MS: String(waitMs),
    },
  });
  return { status, stdout };
};

const { serviceNames } = await load('libs/contracts/src/services.ts');
const services = serviceNames.filter((name) => name !== 'gateway');
const jobs = path.join(root, 'dist/apps/chart-jobs/main.js');
const bin = findTools();
const { folder, processes, check, run } = createEndToEndTest('restore');

await run(async () => {
  ensureInstalled();
  buildShop();
  execFileSync('chmod', ['755', folder]);
  const { url, tool } = await startOwnPostgres(processes, bin, folder);
  const sql = (...statements) =>
    tool('psql', '-q', '-v', 'ON_ERROR_STOP=1', ...statements.flatMap((each) => ['-c', each]));
  const dataDir = path.join(folder, 'data');
  const shop = await startShop(processes, {
    command: 'services',
    dataDir,
    environment: { DATABASE_ADMIN_URL: url },
  });
  const { createShopClient, register, buy, plentifulProduct } = await load('apps/acceptance/src/client.ts');
  const client = createShopClient(shop.origin);
  const ada = await register(client);
  const { productId } = await plentifulProduct(client);
  const statusOf = async (id) => {
    const { status, body } = await client.call(`/api/v1/orders/${id}`, { token: ada.token });
    return status === 200 ? body.status : status;
  };

  const before = await buy(client, ada, { productId });
  const { status: agreed } = compare(url, services, 30_000);
  check('the services agree before anything was lost', agreed === 0);
  const { backups, run } = await prepareBackup(folder, bin, url, services);
  const tooOld = path.join(backups, '2020-01-01T000000Z');
  mkdirSync(tooOld);
  utimesSync(tooOld, 0, 0);
  check('a backup that cannot be whole fails', run(['order', 'nobody']).status !== 0);
  const { status, folders } = run(services);
  const [made] = folders;
  check(
    'a backup has a dump of every database, and takes the place of what is too old and of what was not finished',
    status === 0 &&
      folders.length === 1 &&
      services.every((name) => existsSync(path.join(backups, made, `${name}.dump`))),
  );
  const backup = path.join(backups, made, `${service}.dump`);
  const after = await buy(client, ada, { productId });
  sql(`\\connect ${database}`, 'drop table orders cascade');
  check('without its table, orders cannot be read', (await statusOf(before.body.id)) >= 500);

  // 1. Stop the service.
  const { pid } = JSON.parse(readFileSync(path.join(dataDir, 'processes/running.json'), 'utf8'))[service];
  process.kill(pid, 'SIGTERM');
  await until('the service has ended', () => !existsSync(`/proc/${pid}`));
  check('the others serve meanwhile', (await client.call('/api/v1/products?limit=1')).status === 200);
  // 2. Keep what is there. 3. Restore beside it. 4. Exchange them.
  tool('pg_dump', '-Fc', '-f', path.join(folder, 'before.dump'), database);
  tool('createdb', '-O', `${service}_owner`, 'restored');
  tool('pg_restore', '--exit-on-error', '-d', 'restored', backup);
  sql(
    `alter database ${database} rename to broken`,
    `alter database restored rename to ${database}`,
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to ${service}_app`,
  );
  // 6. Start it.
  shop.startAgain(service);
  await until('the service serves again', async () => (await statusOf(before.body.id)) === 'confirmed');
  check('an order from before the backup is there, and confirmed', true);
  check('one from after it is not', (await statusOf(after.body.id)) === 404);
  const { status: disagreed, stdout: compared } = compare(url, services, 3_000);
  check(
    'the comparison finds the money and the stock of the order that is gone, and says what mends it',
    disagreed === 1 &&
      compared.includes(after.body.id) &&
      /money-follows-orders: .*refund the payment/.test(compared) &&
      /reservations-follow-orders: /.test(compared),
  );
  await until('people buy again', async () => (await buy(client, ada, { productId })).status === 201);
  check('people buy again', true);
  const refused = spawnSync(path.join(bin, 'psql'), [
    url.replace('postgres@', 'payment_app@').replace('/postgres', `/${database}`),
    '-c',
    'select 1',
  ]);
  check('nobody else may connect to what was restored', refused.status !== 0);
});
