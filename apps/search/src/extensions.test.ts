import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { migrate } from '@bulkhead/database/migrate';
import { atDatabase } from '@bulkhead/database/provision';
import { testServerUrl } from '@bulkhead/database/testing/postgres';

const migrationsDir = join(__dirname, '../prisma/migrations');
const name = `extensions_${randomBytes(4).toString('hex')}`;
let superuser: string;
let url: string;

const query = async (at: string, text: string) => (await withClient(at, (client) => client.query(text))).rows;

beforeEach(async () => {
  superuser = await testServerUrl();
  url = atDatabase(superuser, name, name, 'owner');
  await query(superuser, `create role ${name} login password 'owner'`);
  await query(superuser, `create database ${name} owner ${name}`);
});
afterEach(async () => {
  await query(superuser, `drop database if exists ${name} with (force)`);
  await query(superuser, `drop role ${name}`);
});

test('the migrations make their extensions, in an empty database of a role that is no superuser', async () => {
  await migrate({ url, migrationsDir });
  const extensions = await query(
    url,
    `select extname from pg_extension where extname <> 'plpgsql' order by 1`,
  );
  expect(extensions.map(({ extname }) => extname as string)).toEqual(['pg_trgm', 'unaccent']);
});

test('where the server does not allow that, one sentence says what an administrator has to run', async () => {
  await query(superuser, `alter database ${name} owner to current_user`);
  await query(atDatabase(superuser, name), `grant create on schema public to ${name}`);
  await expect(migrate({ url, migrationsDir })).rejects.toThrow(
    new RegExp(
      `the extension pg_trgm could not be made \\(permission denied .*\\): let an administrator run "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent;" in the database ${name}, then migrate again`,
    ),
  );
  const inside = atDatabase(superuser, name);
  await query(inside, 'create extension if not exists pg_trgm; create extension if not exists unaccent');
  await migrate({ url, migrationsDir });
});
