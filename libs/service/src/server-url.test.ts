import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { provisionDatabase } from '@bulkhead/database/provision';
import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { loginOf } from '@bulkhead/messaging/rabbitmq/login';
import { testServerUrl } from '@bulkhead/database/testing/postgres';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { connect } from 'amqplib';
import fc from 'fast-check';
import { ConfigError, loadConfig, url } from './config';
import { secret } from './secret';
import {
  loadServers,
  refusePlaintext,
  withBrokerUrl,
  withDatabaseUrl,
  withManagementUrl,
} from './server-url';
import { z } from 'zod';

const databaseUrl = (environment: Record<string, string>) =>
  withDatabaseUrl('DATABASE', environment)['DATABASE_URL'];
const parts = { DATABASE_HOST: 'pg', DATABASE_USER: 'u', DATABASE_PASSWORD: 'p', DATABASE_NAME: 'd' };
const broker = { RABBITMQ_HOST: 'mq', RABBITMQ_USER: 'u', RABBITMQ_PASSWORD: 'p' };
const inProduction = { NODE_ENV: 'production' };

describe('the URL of a database', () => {
  test.each([
    ['that is given stays as it is', { DATABASE_URL: 'postgres://u:p@pg/d' }, 'postgres://u:p@pg/d'],
    ['is put together from its parts', parts, 'postgres://u:p@pg:5432/d'],
    ['has its port', { ...parts, DATABASE_PORT: '6432' }, 'postgres://u:p@pg:6432/d'],
    ['takes an IPv6 address', { ...parts, DATABASE_HOST: 'fd00::1' }, 'postgres://u:p@[fd00::1]:5432/d'],
    [
      'asks for TLS in production',
      { ...parts, ...inProduction },
      'postgres://u:p@pg:5432/d?sslmode=verify-full',
    ],
    [
      'asks for TLS in production where it is one URL, too',
      { DATABASE_URL: 'postgres://u:p@pg/d?application_name=x', ...inProduction },
      'postgres://u:p@pg/d?application_name=x&sslmode=verify-full',
    ],
    [
      'keeps what it says of TLS',
      { DATABASE_URL: 'postgres://u:p@pg/d?sslmode=require', DATABASE_TLS: 'disable', ...inProduction },
      'postgres://u:p@pg/d?sslmode=require',
    ],
    [
      'asks for none of a proxy in the same pod',
      { DATABASE_URL: 'postgres://u:p@127.0.0.1/d', ...inProduction },
      'postgres://u:p@127.0.0.1/d',
    ],
    [
      'names the files of authority, certificate and key',
      {
        ...parts,
        DATABASE_TLS: 'verify-full',
        DATABASE_CA_FILE: '/ca',
        DATABASE_CERT_FILE: '/c',
        DATABASE_KEY_FILE: '/k',
      },
      'postgres://u:p@pg:5432/d?sslmode=verify-full&sslrootcert=%2Fca&sslcert=%2Fc&sslkey=%2Fk',
    ],
    [
      'names no authority where nothing is encrypted',
      { ...parts, DATABASE_TLS: 'disable', DATABASE_CA_FILE: '/ca' },
      'postgres://u:p@pg:5432/d?sslmode=disable',
    ],
  ])('%s', (_what, environment, expected) => {
    expect(databaseUrl(environment)).toBe(expected);
  });

  test.each([
    [
      'a part that is missing',
      { ...parts, DATABASE_NAME: '' },
      'DATABASE_NAME must be set beside DATABASE_HOST.',
    ],
    [
      'parts beside a URL',
      { ...parts, DATABASE_URL: 'postgres://x' },
      'DATABASE_URL and DATABASE_HOST are both set',
    ],
    [
      'an unknown mode',
      { ...parts, DATABASE_TLS: 'on' },
      'DATABASE_TLS must be disable, no-verify, verify-full.',
    ],
  ])('%s is refused with a sentence', (_what, environment, sentence) => {
    expect(() => databaseUrl(environment)).toThrow(ConfigError);
    expect(() => databaseUrl(environment)).toThrow(sentence);
  });
});

describe('the URL of a broker', () => {
  test.each([
    ['is put together from its parts', broker, 'amqp://u:p@mq:5672'],
    ['is encrypted in production', { ...broker, ...inProduction }, 'amqps://u:p@mq:5671'],
    ['has a virtual host', { ...broker, RABBITMQ_VHOST: 'a/b' }, 'amqp://u:p@mq:5672/a%2Fb'],
    [
      'is a list where there are several hosts',
      { ...broker, RABBITMQ_HOST: 'one, two', RABBITMQ_TLS: 'verify-full' },
      'amqps://u:p@one:5671,amqps://u:p@two:5671',
    ],
  ])('%s', (_what, environment, expected) => {
    expect(withBrokerUrl(environment)['RABBITMQ_URL']).toBe(expected);
  });

  test('of its management API likewise', () => {
    const environment = {
      RABBITMQ_MANAGEMENT_HOST: 'mq',
      RABBITMQ_MANAGEMENT_USER: 'u',
      RABBITMQ_MANAGEMENT_PASSWORD: '@',
    };
    expect(withManagementUrl(environment)['RABBITMQ_MANAGEMENT_URL']).toBe('http://u:%40@mq:15672');
    expect(withManagementUrl({ ...environment, ...inProduction })['RABBITMQ_MANAGEMENT_URL']).toBe(
      'https://u:%40@mq:15671',
    );
  });
});

describe('in production', () => {
  const refuse = (change: Record<string, string>, urls: Record<string, string>) => () =>
    refusePlaintext({ ...inProduction, ...change }, urls);

  test.each([
    ['postgres://u:p@pg/d'],
    ['postgres://u:p@pg/d?sslmode=disable'],
    ['postgres://u:p@pg/d?sslmode=verify-full&sslmode=disable'],
    ['postgres://u:p@pg/d?ssl=false'],
    ['amqp://u:p@mq'],
    ['amqps://u:p@mq,amqp://u:p@mq'],
    ['http://u:p@mq:15672'],
  ])('%s is refused, unless it is said aloud', (value) => {
    expect(refuse({}, { SERVER_URL: value })).toThrow(
      /^SERVER_URL leads to another host without TLS, which is refused where NODE_ENV=production; .* set ALLOW_PLAINTEXT=on/,
    );
    expect(refuse({ ALLOW_PLAINTEXT: 'on' }, { SERVER_URL: value })).not.toThrow();
    expect(refuse({ NODE_ENV: 'development' }, { SERVER_URL: value })).not.toThrow();
  });

  test.each([
    ['postgres://u:p@pg/d?sslmode=verify-full'],
    ['postgres://u:p@pg/d?sslrootcert=/ca'],
    ['postgres://u:p@localhost/d'],
    ['postgres:///d?host=/var/run/postgresql'],
    ['amqps://u:p@one,amqps://u:p@two'],
    ['amqp://u:p@[::1]:5672'],
  ])('%s is taken', (value) => {
    expect(refuse({}, { SERVER_URL: value })).not.toThrow();
  });
});

describe('a password of any characters', () => {
  const run = randomBytes(4).toString('hex');
  let folder: string;
  let testBroker: TestBroker;
  let server: string;

  beforeAll(async () => {
    [folder, testBroker, server] = await Promise.all([
      mkdtemp(join(tmpdir(), 'bulkhead-passwords-')),
      createTestBroker(),
      testServerUrl(),
    ]);
  }, 120_000);
  afterAll(async () => {
    await testBroker.admin?.deleteUser(`any-${run}`);
    await testBroker.drop();
    await rm(folder, { recursive: true });
    await withClient(server, async (admin) => {
      await admin.query(`drop database if exists bulkhead_any_${run} with (force)`);
      await admin.query(`drop role if exists any_${run}_owner, any_${run}_app`);
    });
  });

  /** Without NUL, which no server takes, and without line breaks: each line of a file is a password of its own. */
  const passwords = fc
    .oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    )
    .filter((text) => !text.includes('\0') && !/[\r\n]/.test(text) && text.isWellFormed());

  test('is followed in its file, where it may stand beside the one before it', async () => {
    const file = join(folder, 'rotated');
    await writeFile(file, 'old');
    const { DATABASE_PASSWORD: _password, ...rest } = parts;
    const schema = z.object({ DATABASE_URL: secret(url('postgres')) });
    const config = loadServers(schema, { ...rest, DATABASE_PASSWORD_FILE: file }, (given) =>
      withDatabaseUrl('DATABASE', given),
    );
    const now = () => config.DATABASE_URL.values.map((value) => new URL(value).password);
    expect([config.DATABASE_URL.mayChange, now()]).toEqual([true, ['old']]);
    await writeFile(file, 'new\nold\n');
    expect(now()).toEqual(['new', 'old']);
    await rm(file);
    expect(now()).toEqual(['new', 'old']);
  });

  test('comes through every way in which it can be given', () =>
    fc.assert(
      fc.property(passwords, (password) => {
        const asParts = databaseUrl({ ...parts, DATABASE_PASSWORD: password })!;
        const asUrl = `postgres://u:${encodeURIComponent(password)}@pg/d`;
        for (const given of [asParts, databaseUrl({ DATABASE_URL: asUrl, DATABASE_TLS: 'verify-full' })!]) {
          const loaded = loadConfig(z.object({ X: url('postgres') }), { X: given }).X;
          expect(decodeURIComponent(new URL(loaded).password)).toBe(password);
        }
        const list = withBrokerUrl({ ...broker, RABBITMQ_HOST: 'a,b', RABBITMQ_PASSWORD: password })[
          'RABBITMQ_URL'
        ]!;
        const responses = brokerAddresses(list).map((each) => String(loginOf(each).credentials?.response()));
        expect(responses).toEqual([`\0u\0${password}`, `\0u\0${password}`]);
      }),
    ));

  // Each of them signs in at real servers, which is slow; what is peculiar is among them.
  const peculiar = ['#/?@:%', '%zz %41', 'it\'s "\\$`', ' ends with a blank ', 'ä€😀', ',amqp:x', '\ttab'];
  test.each([...peculiar, ...fc.sample(passwords, { seed: 13, numRuns: 5 })].map((password) => [password]))(
    '%j signs in at PostgreSQL and RabbitMQ, from a file',
    async (password) => {
      const file = join(folder, 'password');
      await writeFile(file, `${password}\n`);
      const { hostname, port } = new URL(server);
      await provisionDatabase({
        adminUrl: server,
        service: `any_${run}`,
        ownerPassword: 'owner',
        appPassword: password,
      });
      const asApp = databaseUrl({
        DATABASE_HOST: hostname,
        DATABASE_PORT: port || '5432',
        DATABASE_NAME: `bulkhead_any_${run}`,
        DATABASE_USER: `any_${run}_app`,
        DATABASE_PASSWORD_FILE: file,
      });
      expect((await withClient(asApp!, (client) => client.query('select 1'))).rowCount).toBe(1);

      const { admin, url: brokerUrl } = testBroker;
      if (!admin) throw new Error('give RABBITMQ_MANAGEMENT_URL too: users are made there');
      await admin.createUser({ name: `any-${run}`, password });
      await admin.permit(`any-${run}`, admin.vhost, { configure: '', write: '', read: '' });
      const place = new URL(brokerUrl);
      const asUser = withBrokerUrl({
        RABBITMQ_HOST: place.hostname,
        RABBITMQ_PORT: place.port,
        RABBITMQ_VHOST: admin.vhost,
        RABBITMQ_USER: `any-${run}`,
        RABBITMQ_PASSWORD_FILE: file,
      })['RABBITMQ_URL']!;
      const connection = await connect(asUser, loginOf(asUser));
      await connection.close();
    },
  );
});

test.each([
  ['postgres://u:p#ss@pg/d'],
  ['postgres://u:12#3@pg/d'],
  ['postgres://u:12/3@pg/d'],
  ['postgres://u:%zz@pg/d'],
])('a password that is not percent-encoded is told: %s', (value) => {
  expect(() => loadConfig(z.object({ X: url('postgres') }), { X: value })).toThrow(
    'X must be a URL that starts with postgres://, in which user name and password are percent-encoded.',
  );
});
