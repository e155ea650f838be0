import { testServerUrl } from './testing/postgres';
import { randomBytes } from 'node:crypto';
import { withClient } from './admin-client';
import { type ProvisionedDatabase, atDatabase, provisionDatabase } from './provision';

/** Names of this run only: roles belong to the whole server, which other test files share. */
const run = randomBytes(4).toString('hex');
const provision = async (service: string, ownerPassword = 'owner', extensions: string[] = []) =>
  provisionDatabase({
    adminUrl: await testServerUrl(),
    service: `${service}_${run}`,
    ownerPassword,
    appPassword: 'app',
    extensions,
  });

let orders: ProvisionedDatabase;
let stock: ProvisionedDatabase;

beforeAll(async () => {
  [orders, stock] = await Promise.all([
    provision('orders', 'owner', ['pg_trgm', 'unaccent']),
    provision('stock'),
  ]);
  await query(orders.ownerUrl, 'create table item (id int primary key generated always as identity, n int)');
}, 60_000);

afterAll(async () => {
  await withClient(await testServerUrl(), async (admin) => {
    for (const service of [`orders_${run}`, `stock_${run}`]) {
      await admin.query(`drop database if exists bulkhead_${service} with (force)`);
      await admin.query(`drop role if exists ${service}_owner, ${service}_app`);
    }
  });
});

const query = (url: string, text: string) => withClient(url, (client) => client.query(text));

it('lets a service read and write its rows, but not change its tables', async () => {
  await query(orders.appUrl, 'insert into item (n) values (1)');
  await query(orders.appUrl, 'update item set n = 2');
  expect((await query(orders.appUrl, 'delete from item returning n')).rows).toEqual([{ n: 2 }]);
  for (const forbidden of [
    'create table mine ()',
    'alter table item add x int',
    'truncate item',
    'drop table item',
  ]) {
    await expect(query(orders.appUrl, forbidden)).rejects.toMatchObject({ code: '42501' });
  }
});

it('keeps every role of a service out of the database of another', async () => {
  const database = new URL(orders.appUrl).pathname.slice(1);
  for (const url of [stock.appUrl, stock.ownerUrl]) {
    await expect(query(atDatabase(url, database), 'select 1')).rejects.toMatchObject({ code: '42501' });
  }
});

it('bounds the statements of the app role by itself', async () => {
  const { rows } = await query(orders.appUrl, 'show statement_timeout');
  expect(rows).toEqual([{ statement_timeout: '10s' }]);
});

it('installs the extensions that need an administrator', async () => {
  const { rows } = await query(
    orders.appUrl,
    `select similarity('chair', 'chairs') > 0.5 as similar, unaccent('é') as e`,
  );
  expect(rows).toEqual([{ similar: true, e: 'e' }]);
});

it('may be repeated, several at a time, and then has the newest password', async () => {
  await query(orders.ownerUrl, 'insert into item (n) values (7)');
  const repeated = await Promise.all([1, 2, 3].map(() => provision('orders', "an 'other'")));
  await expect(query(orders.ownerUrl, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect((await query(repeated[0]?.ownerUrl ?? '', 'select n from item')).rows).toEqual([{ n: 7 }]);
});

it('lets a migration that waits for its database in only when the app role may use what it makes', async () => {
  const service = `early_${run}`;
  const server = await testServerUrl();
  const asOwner = atDatabase(server, `bulkhead_${service}`, `${service}_owner`, 'owner');
  let isProvisioned = false;
  const migration = (async () => {
    while (!isProvisioned) {
      try {
        return await query(asOwner, 'create table first (n int)');
      } catch {
        // Not there yet.
      }
    }
    return query(asOwner, 'create table first (n int)');
  })();
  try {
    const { appUrl } = await provision('early');
    isProvisioned = true;
    await migration;
    expect((await query(appUrl, 'select n from first')).rows).toEqual([]);
  } finally {
    isProvisioned = true;
    await withClient(server, async (admin) => {
      await admin.query(`drop database if exists bulkhead_${service} with (force)`);
      await admin.query(`drop role if exists ${service}_owner, ${service}_app`);
    });
  }
});

it('gives the app role back its rights on what a restore made', async () => {
  await query(stock.ownerUrl, 'create table restored (n int)');
  const app = `stock_${run}_app`;
  await query(stock.ownerUrl, `revoke all on restored from ${app}`);
  await expect(query(stock.appUrl, 'select from restored')).rejects.toMatchObject({ code: '42501' });
  await provision('stock');
  expect((await query(stock.appUrl, 'select from restored')).rowCount).toBe(0);
});

it('is done by an administrator who is no superuser, as managed servers have them', async () => {
  const admin = `managed_${run}`;
  const superuser = await testServerUrl();
  const adminUrl = atDatabase(superuser, 'postgres', admin, 'admin');
  await query(superuser, `create role ${admin} login createdb createrole password 'admin'`);
  const service = `managed_orders_${run}`;
  const options = { adminUrl, service, ownerPassword: 'owner', appPassword: 'app', extensions: ['pg_trgm'] };
  try {
    const { ownerUrl, appUrl } = await provisionDatabase(options);
    await query(ownerUrl, 'create table item (n int)');
    await query(appUrl, 'insert into item values (1)');
    await provisionDatabase({ ...options, appPassword: 'another' });
    await query(atDatabase(appUrl, `bulkhead_${service}`, `${service}_app`, 'another'), 'select n from item');
  } finally {
    await query(superuser, `drop database if exists bulkhead_${service} with (force)`);
    await query(superuser, `drop role if exists ${service}_owner, ${service}_app, ${admin}`);
  }
});

it('leaves the record of migrations to the owner, also when it is repeated', async () => {
  await query(stock.ownerUrl, 'create table _prisma_migrations (n int)');
  await provision('stock');
  await query(stock.appUrl, 'select from _prisma_migrations');
  await expect(query(stock.appUrl, 'delete from _prisma_migrations')).rejects.toMatchObject({
    code: '42501',
  });
});
