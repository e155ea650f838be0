import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { createDatabase } from '@bulkhead/database/pool';
import { type Authority, createAuthority } from '@bulkhead/testing/authority';
import { eventually } from '@bulkhead/testing/eventually';
import { type PostgresServer, startTestPostgres } from '@bulkhead/development/test-postgres';
import type pg from 'pg';
import { withDatabaseUrl } from './server-url';

/**
 * A server with a private certificate authority that requires TLS, and where `certified` authenticates by certificate.
 */
let server: PostgresServer;
let folder: string;
let authority: Authority;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  [server, folder] = await Promise.all([startTestPostgres(), mkdtemp(join(tmpdir(), 'bulkhead-tls-'))]);
  authority = createAuthority('A company');
  const client = authority.issue(['certified']);
  await Promise.all([
    writeFile(file('ca.crt'), authority.ca),
    writeFile(file('other.crt'), createAuthority('Another company').ca),
    writeFile(file('tls.crt'), client.cert),
    writeFile(file('tls.key'), client.key),
  ]);
  await withClient(server.adminUrl, async (admin) => {
    await admin.query(`create role certified login; create role plain login password 'p@ss'`);
    await certify(admin, 'localhost');
    await write(admin, 'ca.crt', authority.ca);
    await write(
      admin,
      'pg_hba.conf',
      [
        'hostssl all certified all cert',
        'hostssl all all all scram-sha-256',
        'hostnossl all postgres all scram-sha-256',
      ].join('\n'),
    );
    for (const setting of ["ssl_ca_file = 'ca.crt'", "ssl = 'on'"])
      await admin.query(`alter system set ${setting}`);
    await admin.query('select pg_reload_conf()');
  });
  await eventually(() => signedIn({ DATABASE_TLS: 'no-verify' }), { what: 'TLS' });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The server's account is the only one that may write into its folder. */
const write = (admin: pg.Client, name: string, text: string) =>
  admin.query(
    `copy (select line from string_to_table($text$${text.trim()}$text$, E'\\n') line) to program 'umask 077; cat > ${name}'`,
  );
const certify = async (admin: pg.Client, name: string) => {
  const { cert, key } = authority.issue([name]);
  await write(admin, 'server.crt', cert);
  await write(admin, 'server.key', key);
};

const place = () => ({
  DATABASE_HOST: 'localhost',
  DATABASE_PORT: new URL(server.adminUrl).port,
  DATABASE_NAME: 'postgres',
});
const signedIn = async (change: Record<string, string>): Promise<string> => {
  const login = { DATABASE_USER: 'plain', DATABASE_PASSWORD: 'p@ss' };
  const environment = change['DATABASE_URL'] ? change : { ...place(), ...login, ...change };
  const database = createDatabase({
    url: () => [withDatabaseUrl('DATABASE', environment)['DATABASE_URL']!],
    applicationName: 'test',
  });
  try {
    const { rows } = await database.query<{ name: string; ssl: boolean }>({
      text: 'select current_user as name, ssl from pg_stat_ssl where pid = pg_backend_pid()',
    });
    return `${rows[0]?.name} ${rows[0]?.ssl ? 'encrypted' : 'plain'}`;
  } finally {
    await database.close();
  }
};
const verified = () => ({ DATABASE_TLS: 'verify-full', DATABASE_CA_FILE: file('ca.crt') });

test('a private authority that is given is trusted', async () => {
  expect(await signedIn(verified())).toBe('plain encrypted');
});

test('a client certificate signs in alone, where the URL names its user', async () => {
  const { port } = new URL(server.adminUrl);
  const certificate = { DATABASE_CERT_FILE: file('tls.crt'), DATABASE_KEY_FILE: file('tls.key') };
  const url = `postgres://certified@localhost:${port}/postgres`;
  expect(await signedIn({ ...verified(), ...certificate, DATABASE_URL: url })).toBe('certified encrypted');
  await expect(signedIn({ ...verified(), DATABASE_URL: url })).rejects.toThrow(/certificate/);
});

test.each<[string, () => Record<string, string>, RegExp]>([
  ['the public authorities alone', () => ({ DATABASE_TLS: 'verify-full' }), /certificate/],
  ['another authority', () => ({ ...verified(), DATABASE_CA_FILE: file('other.crt') }), /certificate/],
  ['another name', () => ({ ...verified(), DATABASE_HOST: '127.0.0.1' }), /certificate/],
  ['no TLS', () => ({ DATABASE_TLS: 'disable' }), /no encryption|28000/],
])('%s does not do', async (_what, change, reason) => {
  await expect(signedIn(change())).rejects.toThrow(reason);
});

test('a statement that is given up ends on a server that is known by its address', async () => {
  await withClient(server.adminUrl, async (admin) => {
    await certify(admin, '127.0.0.1');
    await admin.query('select pg_reload_conf()');
    const byAddress = { ...verified(), DATABASE_HOST: '127.0.0.1' };
    await eventually(() => signedIn(byAddress), { what: 'a certificate for the address' });

    const warnings: string[] = [];
    const database = createDatabase({
      url: withDatabaseUrl('DATABASE', {
        ...place(),
        ...byAddress,
        DATABASE_USER: 'plain',
        DATABASE_PASSWORD: 'p@ss',
      })['DATABASE_URL']!,
      applicationName: 'gives-up',
      logger: { warn: (_context, message) => warnings.push(message) },
    });
    const running = async () =>
      (
        await admin.query(
          `select from pg_stat_activity where application_name = 'gives-up' and query ~ 'sleep' and state = 'active'`,
        )
      ).rowCount;
    const givingUp = new AbortController();
    const statement = database.transaction((tx) => tx.query({ text: 'select pg_sleep(9)' }), {
      signal: givingUp.signal,
    });
    const ended = expect(statement).rejects.toThrow('given up');
    await eventually(async () => expect(await running()).toBe(1));
    givingUp.abort(new Error('given up'));
    await ended;
    await database.close();
    await eventually(async () => expect(await running()).toBe(0), { timeoutMs: 3_000 });
    expect(warnings).toEqual([]);
  });
});
