import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { testServerUrl } from '@bulkhead/database/testing/postgres';
import { prepareBackup } from './command';
import { serviceSection } from './login';

/** Every kind of character that a URL, a shell or a file of libpq could take for something else. */
const password = `o'wn:er\\ ü:/?#[]@!$&()*+,;=%25"\`~{}|^ €`;
const role = `backup_${randomBytes(4).toString('hex')}`;
let superuser: string;
let folder: string;

beforeAll(async () => {
  superuser = await testServerUrl();
  await asSuperuser(`create role ${role} login password '${password.replaceAll("'", "''")}'`);
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-backup-'));
  await mkdir(join(folder, 'services/order'), { recursive: true });
  await mkdir(join(folder, 'prepared'));
});
afterAll(async () => {
  await asSuperuser(`drop role if exists ${role}`);
  await rm(folder, { recursive: true, force: true });
});

const asSuperuser = (text: string) => withClient(superuser, (client) => client.query(text));
const prepared = (name: string) => join(folder, 'prepared', name);

async function prepare(...passwords: string[]): Promise<void> {
  const { hostname, port, pathname } = new URL(superuser);
  await writeFile(join(folder, 'services/order/MIGRATION_DATABASE_PASSWORD'), `${passwords.join('\n')}\n`);
  const order = {
    MIGRATION_DATABASE_HOST: hostname,
    MIGRATION_DATABASE_PORT: port || '5432',
    MIGRATION_DATABASE_USER: role,
    MIGRATION_DATABASE_NAME: decodeURIComponent(pathname.slice(1)),
  };
  await prepareBackup({
    SERVICES: 'order',
    CREDENTIALS_DIR: join(folder, 'services'),
    CREDENTIALS: JSON.stringify({ order }),
    PREPARED_DIR: join(folder, 'prepared'),
  });
}

test('of several passwords, the one that the server takes goes into a file that nobody else may read', async () => {
  await prepare('not yet valid', password);
  const escaped = password.replace(/[\\:]/g, '\\$&');
  expect(await readFile(prepared('pgpass'), 'utf8')).toMatch(new RegExp(`:${role}:`));
  expect((await readFile(prepared('pgpass'), 'utf8')).endsWith(`:${escaped}\n`)).toBe(true);
  expect(await readFile(prepared('pg_service.conf'), 'utf8')).toContain(`[order]\nhost=`);
  for (const name of ['pgpass', 'pg_service.conf', 'backup.sh'])
    expect([name, (await stat(prepared(name))).mode & 0o777]).toEqual([name, 0o600]);
});

test('a login that the server refuses is an error, and no backup without a database', async () => {
  await expect(prepare('wrong', 'wrong as well')).rejects.toMatchObject({ code: '28P01' });
});

test.each([
  [
    'verify-full with an authority',
    'sslmode=verify-full&sslrootcert=/ca',
    ['sslmode=verify-full', 'sslrootcert=/ca'],
  ],
  ['verify-full with the public ones', 'sslmode=verify-full', ['sslmode=verify-full', 'sslrootcert=system']],
  ['TLS without a look at the certificate', 'sslmode=no-verify&sslrootcert=/ca', ['sslmode=require']],
  ['what libpq does not know', 'application_name=x&statement_timeout=5', []],
])('says to libpq: %s', (_what, query, expected) => {
  const section = serviceSection('order', new URL(`postgres://o%20o:p@[::1]:6543/bulkhead_order?${query}`));
  expect(section.trimEnd().split('\n')).toEqual([
    ...['[order]', 'host=::1', 'port=6543', 'dbname=bulkhead_order', 'user=o o'],
    ...expected,
  ]);
});
