import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { migrate } from '@bulkhead/database/migrate';
import { atDatabase } from '@bulkhead/database/provision';
import { allPermissions } from '@bulkhead/messaging/broker-admin';
import { loadConfig } from '@bulkhead/service/config';
import { testServerUrl } from '@bulkhead/database/testing/postgres';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { provision } from './command';
import { WantedConfig } from './config';
import { planFor } from './plan';
import { definitionsOf, sqlOf } from './print';

const services = ['order', 'search'] as const;
const run = randomBytes(4).toString('hex');
const adminRole = `provisioner_${run}`;

/** One shop of two services on the shared server, under names of its own, with a virtual host of its own. */
interface Shop {
  readonly name: string;
  readonly folder: string;
  readonly broker: TestBroker;
  readonly environment: Record<string, string>;
  readonly ownerUrl: (service: string) => string;
}

/** Every kind of character that a URL, a shell, SQL or psql could take for something else. */
const password = (of: string) => `${of} ü:/?#[]@!$&'()*+,;=%25\\"\`~{}|^ €`;

let superuser: string;
let adminUrl: string;
let byJob: Shop;
let byPrint: Shop;

beforeAll(async () => {
  superuser = await testServerUrl();
  adminUrl = atDatabase(superuser, 'postgres', adminRole, 'admin');
  await query(superuser, `create role ${adminRole} login createdb createrole password 'admin'`);
  [byJob, byPrint] = await Promise.all([createShop(`job_${run}`), createShop(`print_${run}`)]);
  await provision(byJob.environment, []);
  const plan = planFor(loadConfig(WantedConfig, byPrint.environment));
  await runSql(sqlOf(plan));
  await importDefinitions(definitionsOf(plan));
  for (const shop of [byJob, byPrint])
    for (const service of services) {
      const migrationsDir = join(__dirname, '../../../..', 'apps', service, 'prisma/migrations');
      await migrate({ url: shop.ownerUrl(service), migrationsDir });
    }
}, 120_000);

afterAll(async () => {
  for (const { name, folder, broker } of [byJob, byPrint]) {
    for (const service of services) {
      await broker.admin?.deleteUser(`${name}-${service}`);
      await query(superuser, `drop database if exists "${name} ${service}" with (force)`);
      await query(superuser, `drop role if exists "${name} ${service}", ${name}_${service}`);
    }
    await broker.drop();
    await rm(folder, { recursive: true });
  }
  await query(superuser, `drop role if exists ${adminRole}`);
});

async function createShop(name: string): Promise<Shop> {
  const [folder, broker] = await Promise.all([
    mkdtemp(join(tmpdir(), 'bulkhead-provision-')),
    createTestBroker(),
  ]);
  const vhost = broker.admin?.vhost;
  if (!vhost) throw new Error('give RABBITMQ_MANAGEMENT_URL too: users are made there');
  const ownerUrl = (service: string) =>
    atDatabase(superuser, `${name} ${service}`, `${name}_${service}`, password('owner'));
  for (const service of services) {
    const own = join(folder, service);
    await mkdir(own);
    await writeFile(join(own, 'MIGRATION_DATABASE_URL'), ownerUrl(service));
    await writeFile(join(own, 'DATABASE_PASSWORD'), password('app'));
    await writeFile(join(own, 'RABBITMQ_PASSWORD'), password('broker'));
  }
  // What an operator's Secret does not hold, values say.
  const literals = (service: string) => ({
    DATABASE_HOST: 'anywhere',
    DATABASE_NAME: `${name} ${service}`,
    DATABASE_USER: `${name} ${service}`,
    RABBITMQ_HOST: 'one,two,three',
    RABBITMQ_USER: `${name}-${service}`,
    RABBITMQ_VHOST: vhost,
  });
  return {
    name,
    folder,
    broker,
    ownerUrl,
    environment: {
      POSTGRES_ADMIN_URL: adminUrl,
      RABBITMQ_MANAGEMENT_URL: process.env['RABBITMQ_MANAGEMENT_URL'] ?? '',
      CREDENTIALS_DIR: folder,
      CREDENTIALS: JSON.stringify(
        Object.fromEntries(services.map((service) => [service, literals(service)])),
      ),
      SERVICES: services.join(),
      EXTENSIONS: JSON.stringify({ search: ['pg_trgm', 'unaccent'] }),
      BROKER_ACCESS: 'narrow',
    },
  };
}

const query = async (url: string, text: string): Promise<any[]> =>
  (await withClient(url, (client) => client.query(text))).rows;

/** By psql where there is one, else as psql would. */
async function runSql(script: string): Promise<void> {
  try {
    execFileSync('psql', ['-q', '-X', adminUrl], { input: script, stdio: ['pipe', 'ignore', 'pipe'] });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  let url = adminUrl;
  for (const line of script.split('\n').filter((text) => text !== '' && !/^(--|\\set)/.test(text))) {
    const database = /^\\connect "(.*)"$/.exec(line)?.[1];
    if (database !== undefined) url = atDatabase(adminUrl, database);
    else if (!line.endsWith(' \\gexec')) await query(url, line);
    else
      for (const row of await query(url, line.slice(0, -' \\gexec'.length)))
        await query(url, String(Object.values(row as object)[0]));
  }
}

const management = async (path: string, init: RequestInit = {}): Promise<any> => {
  const { origin, username, password: secret } = new URL(process.env['RABBITMQ_MANAGEMENT_URL'] ?? '');
  const response = await fetch(`${origin}/api/${path}`, {
    ...init,
    headers: {
      authorization: `Basic ${btoa(`${username}:${secret}`)}`,
      'content-type': 'application/json',
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};
const importDefinitions = (body: string) => management('definitions', { method: 'POST', body });

/** Everything that says who may do what in a shop's databases, without the names that differ. */
async function privileges(shop: Shop, service: string) {
  const names = `'${shop.name} ${service}', '${shop.name}_${service}'`;
  const inside = atDatabase(superuser, `${shop.name} ${service}`);
  const found = {
    roles: await query(
      superuser,
      `select rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin, rolinherit, rolconfig,
         (select array_agg(m.member::regrole::text order by 1) from pg_auth_members m where m.roleid = r.oid) as members
       from pg_roles r where rolname in (${names}) order by rolname`,
    ),
    database: await query(
      inside,
      `select datdba::regrole::text, datacl::text[] from pg_database where datname = current_database()`,
    ),
    schema: await query(
      inside,
      `select nspowner::regrole::text, nspacl::text[] from pg_namespace where nspname = 'public'`,
    ),
    defaults: await query(
      inside,
      `select defaclrole::regrole::text, defaclobjtype, defaclacl::text[] from pg_default_acl order by 1, 2`,
    ),
    extensions: await query(inside, `select extname from pg_extension order by 1`),
    relations: await query(
      inside,
      `select relname, relkind, relowner::regrole::text, relacl::text[] from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v') order by 1`,
    ),
  };
  return JSON.parse(JSON.stringify(found).replaceAll(shop.name, 'shop')) as typeof found;
}

test.each(services)('the printed SQL gives %s the privileges that the Job gives it', async (service) => {
  const [made, printed] = await Promise.all([privileges(byJob, service), privileges(byPrint, service)]);
  expect(printed).toEqual(made);
  expect(made.relations.length).toBeGreaterThan(5);
  expect(made.roles).toHaveLength(2);
});

/** Everything that a broker was told, without the names that differ. */
async function told(shop: Shop) {
  const vhost = encodeURIComponent(shop.broker.admin?.vhost ?? '');
  const { exchanges, queues, bindings } = await management(`definitions/${vhost}`);
  const found = {
    exchanges,
    queues,
    bindings,
    permissions: await management(`vhosts/${vhost}/permissions`),
    topicPermissions: await management(`vhosts/${vhost}/topic-permissions`),
  };
  const own = (rows: { user?: string }[]) =>
    rows.filter(({ user = shop.name }) => user.startsWith(shop.name));
  const sorted = Object.entries(found).map(([kind, rows]) => [
    kind,
    own(rows as { user?: string }[])
      .map((row) =>
        JSON.stringify(row).replaceAll(shop.name, 'shop').replaceAll(decodeURIComponent(vhost), 'vhost'),
      )
      .sort(),
  ]);
  return Object.fromEntries(sorted) as Record<keyof typeof found, string[]>;
}

test('the printed definitions give the broker what the Job gives it', async () => {
  const [made, printed] = await Promise.all([told(byJob), told(byPrint)]);
  expect(printed).toEqual(made);
  expect(made.permissions).toHaveLength(2);
  expect(made.topicPermissions).toHaveLength(2);
  expect(made.queues.length).toBeGreaterThan(50);
});

test('passwords of any characters let the services in, whichever way they were made', async () => {
  for (const shop of [byJob, byPrint]) {
    const url = atDatabase(superuser, `${shop.name} order`, `${shop.name} order`, password('app'));
    expect(await query(url, 'select count(*)::int from outbox')).toEqual([{ count: 0 }]);
    const whoami = await fetch(`${new URL(process.env['RABBITMQ_MANAGEMENT_URL'] ?? '').origin}/api/whoami`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${shop.name}-order:${password('broker')}`).toString('base64')}`,
      },
    });
    // It has signed in, and may not manage.
    expect(await whoami.text()).toContain('Not management user');
  }
});

test('another run takes away what a release before allowed, and changes nothing else', async () => {
  const before = await told(byJob);
  const vhost = byJob.broker.admin?.vhost ?? '';
  await byJob.broker.admin?.permit(`${byJob.name}-order`, vhost, allPermissions);
  expect((await told(byJob)).permissions).not.toEqual(before.permissions);
  await provision(byJob.environment, []);
  expect(await told(byJob)).toEqual(before);
  expect(await privileges(byJob, 'order')).toEqual(await privileges(byPrint, 'order'));
}, 60_000);

test('a queue that was declared with other arguments is named, as nobody can change it', async () => {
  const vhost = encodeURIComponent(byJob.broker.admin?.vhost ?? '');
  const queue = `queues/${vhost}/bulkhead.order.payments.dead`;
  await management(queue, { method: 'DELETE' });
  await management(queue, { method: 'PUT', body: JSON.stringify({ durable: true, arguments: {} }) });
  await expect(provision(byJob.environment, [])).rejects.toThrow(
    /the queue bulkhead\.order\.payments\.dead .* with other arguments \(expected x-queue-type quorum, .*drain and delete it/,
  );
}, 60_000);

test.each([
  ['a service without credentials', { SERVICES: 'order,payment' }, /ENOENT|holds no password/],
  [
    'an incomplete login',
    { CREDENTIALS: '{"order":{"DATABASE_HOST":"x"}}' },
    /DATABASE_USER and DATABASE_NAME must be set beside DATABASE_HOST/,
  ],
  ['no JSON', { CREDENTIALS: 'order' }, /CREDENTIALS .* must be JSON/],
])('%s is refused with a sentence', async (_what, change, sentence) => {
  await expect(provision({ ...byJob.environment, ...change }, [])).rejects.toThrow(sentence);
});
