import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { notificationService } from '@bulkhead/app/notification/src/app';
import { orderService } from '@bulkhead/app/order/src/app';
import { paymentService } from '@bulkhead/app/payment/src/app';
import { startSimulatedProvider } from '@bulkhead/app/payment/src/simulated-provider/server';
import { stripeKey, StripeServer } from '@bulkhead/app/payment/src/testing/stripe-server';
import { searchService } from '@bulkhead/app/search/src/app';
import { events } from '@bulkhead/contracts/events';
import { serviceNames } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { withClient } from '@bulkhead/database/admin-client';
import { brokerPermissions, eventPermissions } from '@bulkhead/messaging/rabbitmq/broker-permissions';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import { systemClock } from '@bulkhead/resilience/clock';
import { devIssuer, devSubjectPrefix, issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { runPreflight } from '@bulkhead/service/preflight/preflight-command';
import type { Finding } from '@bulkhead/service/preflight/probe';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { connect } from 'amqplib';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

type Change = Record<string, string | undefined>;

/** Ends what a case has started, and takes back what it changed. */
const endings: (() => unknown)[] = [];
const servers: Server[] = [];
let folder: string;
let database: TestDatabase;
let empty: TestDatabase;
let broker: TestBroker;
let brokerUrl: string;
let environment: Change;
const stripe = new StripeServer();
let provided: () => Promise<void>;

const subscribed = Object.values(subscriptions);
const listening = async (server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** Something that listens for HTTP, and responds to everything alike. */
async function responding(status: number, body: object | string, headers: Record<string, string> = {}) {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  servers.push(server);
  return `http://127.0.0.1:${await listening(server)}`;
}
const problemOf = (detail: string) => ({ type: '/problems/x', title: 'No', detail });

async function mailServer(options: SMTPServerOptions = {}): Promise<string> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onData: () => expect('a mail').toBe('never sent'),
    ...options,
  });
  server.on('error', () => undefined);
  endings.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `127.0.0.1:${await listening(server.server)}`;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-preflight-'));
  await issueDevIdentities(folder, 600);
  database = await createTestDatabase({ service: 'order', migrationsDir: 'apps/order/prisma/migrations' });
  empty = await createTestDatabase({ service: 'order' });
  broker = await createTestBroker();
  await declareTopology(broker.url, subscribed);
  brokerUrl = await brokerUser('narrow');
  const stripeUrl = await stripe.start();
  const keys = await responding(200, { keys: [{ kty: 'OKP' }] });
  const peer = await responding(401, problemOf('Send an access token.'));
  const provider = await startSimulatedProvider({
    port: 0,
    clock: systemClock,
    webhookSecret: 'x'.repeat(16),
  });
  provided = () => provider.stop();
  environment = {
    NODE_ENV: 'test',
    SERVICE_IDENTITY_DIR: path.join(folder, 'order'),
    SERVICE_IDENTITY_SUBJECT_PREFIX: devSubjectPrefix,
    MIGRATIONS_DIR: 'apps/order/prisma/migrations',
    DATABASE_URL: database.url,
    RABBITMQ_URL: brokerUrl,
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, peer])),
    AUTH_URL: keys,
    MAIL_FROM: 'Shop <orders@shop.example>',
    PUBLIC_URL: 'https://shop.example',
    PAYMENT_WEBHOOK_SECRET: 'kJ8#vQ2!mZ7@xR4$nB9%wT1^cL6&yH3*',
    PAYMENT_PROVIDER_URL: provider.url,
  };
  stripeEnvironment = {
    PAYMENT_PROVIDER: 'stripe',
    PAYMENT_PROVIDER_URL: stripeUrl,
    STRIPE_SECRET_KEY: stripeKey,
    PAYMENT_RETURN_URL: 'https://shop.example',
  };
}, 60_000);
let stripeEnvironment: Change;

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(async () => {
  await stripe.stop();
  await provided?.();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await broker?.drop();
  await database?.drop();
  await empty?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function brokerUser(
  name: string,
  change: Partial<ReturnType<typeof brokerPermissions>> = {},
  types?: string,
) {
  const url = await broker.admin!.createUserUrl(name, {
    ...brokerPermissions('order', subscribed, 'narrow'),
    ...change,
  });
  const { exchange, write, read } = eventPermissions('order', events, 'narrow');
  const user = decodeURIComponent(new URL(url).username);
  await broker.admin!.permitTopics(user, broker.admin!.vhost, { exchange, write: types ?? write, read });
  return url;
}

async function look(definition: unknown, change: Change = {}, args: readonly string[] = []) {
  let text = '';
  const code = await runPreflight(
    definition as ServiceDefinition,
    ['--json', ...args],
    { ...environment, ...change },
    (printed) => (text += printed),
  );
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  return { code, findings, failures: findings.filter(({ outcome }) => outcome === 'failed') };
}

/** Runs SQL as a superuser, and other SQL when the case is over. */
async function sql(statement: string, back: string, url = database.adminUrl) {
  await withClient(url, (client) => client.query(statement));
  endings.push(() => withClient(url, (client) => client.query(back)));
}

/** The same address, with something else in it. */
const changed = (
  url: string,
  parts: Partial<Record<'password' | 'pathname' | 'port' | 'host' | 'search', string>>,
) => Object.assign(new URL(url), parts).href;

test('all is well: nothing fails, and the table says what was looked at', async () => {
  let text = '';
  const smtp = { SMTP_URL: `smtp://${await mailServer()}` };
  for (const [definition, name] of [
    [orderService, 'order'],
    [notificationService, 'notification'],
    [paymentService, 'payment'],
  ] as const) {
    // The groups and tables are order's; what differs is what only this service has.
    const own =
      name === 'order' ? {} : { SERVICE_IDENTITY_DIR: path.join(folder, name), RABBITMQ_URL: broker.url };
    text = '';
    const code = await runPreflight(
      definition,
      ['--pods', '3'],
      { ...environment, ...own, ...smtp },
      (printed) => (text += printed),
    );
    expect(text).toMatch(/\n0 failed, 0 warnings, 0 skipped, \d+ ok$/);
    expect(code).toBe(0);
    expect(text.split('\n').map((row) => row.split(/ {2,}/)[0])).toEqual([
      'dns',
      'identity',
      'issuer keys',
      'database',
      'database grants',
      'migrations',
      'connections',
      'broker',
      'broker permissions',
      'queues',
      ...(name === 'order'
        ? ['product', 'inventory', 'payment', 'profile', 'auth']
        : name === 'payment'
          ? ['profile', 'auth', 'payment provider']
          : ['profile', 'auth', 'smtp']),
      'clock',
      expect.stringMatching(/^0 failed/),
    ]);
  }
});

interface Case {
  readonly what: string;
  readonly service?: unknown;
  /** Breaks it. @returns what the environment says then */
  readonly broken: () => Promise<Change> | Change;
  readonly args?: readonly string[];
  readonly name: string;
  readonly sentence: string | RegExp;
}

const at = '127\\.0\\.0\\.1:\\d+';
/** A port that no machine has anything at. */
const nowhere = '127.0.0.1:2';

const identities: readonly Case[] = [
  {
    what: 'another issuer than the token has',
    broken: () => ({ SERVICE_IDENTITY_ISSUER: 'https://kubernetes.default.svc' }),
    name: 'identity',
    sentence: `SERVICE_IDENTITY_ISSUER is https://kubernetes.default.svc, but the pod's own token is of ${devIssuer}, so that all calls between the services would be refused; unset it (global.identity.issuer), or set it to ${devIssuer}.`,
  },
  {
    what: 'a token of another namespace',
    broken: () => ({ SERVICE_IDENTITY_SUBJECT_PREFIX: 'system:serviceaccount:shop:' }),
    name: 'identity',
    sentence:
      "SERVICE_IDENTITY_SUBJECT_PREFIX is system:serviceaccount:shop:, but the pod's own token is of system:serviceaccount:dev:order; set it to what stands before the service's name there.",
  },
  {
    what: 'no token for a peer',
    broken: async () => {
      const partial = await mkdtemp(path.join(folder, 'partial-'));
      await writeFile(path.join(partial, 'order'), await readToken('order'));
      await writeFile(path.join(partial, 'product'), 'not a token');
      return {
        SERVICE_IDENTITY_DIR: partial,
        SERVICE_IDENTITY_JWKS: path.join(folder, 'jwks.json'),
      };
    },
    name: 'identity',
    sentence:
      /^SERVICE_IDENTITY_DIR: \S+ holds no token for product \(it is no JWT\); mount a projected service-account token with the audience product there\.$/,
  },
  {
    what: 'keys of another issuer',
    broken: async () => {
      const other = await mkdtemp(path.join(folder, 'other-'));
      await issueDevIdentities(other, 600);
      return { SERVICE_IDENTITY_JWKS: path.join(other, 'jwks.json') };
    },
    name: 'issuer keys',
    sentence:
      /^SERVICE_IDENTITY_JWKS: the keys at \S+ are not those that signed the pod's own token; set it \(global\.identity\.jwks\) to the keys of urn:bulkhead:dev-issuer\.$/,
  },
  {
    what: 'keys that nobody gives',
    broken: () => ({ SERVICE_IDENTITY_JWKS: `http://${nowhere}/jwks` }),
    name: 'issuer keys',
    sentence: `SERVICE_IDENTITY_JWKS: the keys at http://${nowhere}/jwks cannot be read: nothing listens there (ECONNREFUSED); set it (global.identity.jwks) to where the issuer's keys are.`,
  },
];

const databases: readonly Case[] = [
  {
    what: 'a server that is not there',
    broken: () => ({ DATABASE_URL: changed(database.url, { host: nowhere }) }),
    name: 'database',
    sentence: `DATABASE_URL: PostgreSQL at ${nowhere} cannot be reached: nothing listens there (ECONNREFUSED); set DATABASE_URL to where it is.`,
  },
  {
    what: 'a wrong password',
    broken: () => ({ DATABASE_URL: changed(database.url, { password: 'wrong' }) }),
    name: 'database',
    sentence: new RegExp(
      `^DATABASE_URL: PostgreSQL at ${at} refuses the password of the role test_order_app; set DATABASE_URL to the one that it has now\\.$`,
    ),
  },
  {
    what: 'a database that is not there',
    broken: () => ({ DATABASE_URL: changed(database.url, { pathname: '/nothing' }) }),
    name: 'database',
    sentence: new RegExp(
      `^DATABASE_URL: PostgreSQL at ${at} has no database nothing; create it, or set DATABASE_URL to the one that is there\\.$`,
    ),
  },
  {
    what: 'a database that the role may not enter',
    broken: async () => {
      const { name } = database;
      await sql(
        `revoke connect on database ${name} from test_order_app`,
        `grant connect on database ${name} to test_order_app`,
      );
      return {};
    },
    name: 'database',
    sentence: new RegExp(
      `^DATABASE_URL: PostgreSQL at ${at} does not let the role test_order_app into the database test_\\w+; run as its owner: grant connect on database test_\\w+ to test_order_app;$`,
    ),
  },
  {
    what: 'a server without TLS, of which TLS is asked',
    broken: () => ({ DATABASE_URL: changed(database.url, { search: '?sslmode=verify-full' }) }),
    name: 'database',
    sentence: new RegExp(
      `^DATABASE_URL: PostgreSQL at ${at} does not speak TLS, which DATABASE_URL asks for; turn it on there, or set sslmode=disable \\(database\\.tls\\.mode\\)\\.$`,
    ),
  },
  {
    what: 'a table that the role may not write',
    broken: async () => {
      await sql('revoke insert on orders from test_order_app', 'grant insert on orders to test_order_app');
      return {};
    },
    name: 'database grants',
    sentence:
      'The role test_order_app may not use orders; run as test_order_owner: grant select, insert, update, delete on all tables in schema public to test_order_app;',
  },
  {
    what: 'default privileges that nobody gave',
    broken: async () => {
      const defaults = 'alter default privileges for role test_order_owner in schema public';
      await sql(
        `${defaults} revoke all on tables from test_order_app`,
        `${defaults} grant select, insert, update, delete on tables to test_order_app`,
      );
      return {};
    },
    name: 'database grants',
    sentence:
      'The role test_order_app may not use the tables that migrations will make; run as test_order_owner: alter default privileges for role test_order_owner in schema public grant select, insert, update, delete on tables to test_order_app;',
  },
  {
    what: 'migrations that were not applied',
    broken: () => ({ DATABASE_URL: empty.url }),
    name: 'migrations',
    sentence:
      /^Not applied: \d{14}_\w+, \d{14}_\w+, \d{14}_\w+ and \d+ more; set migrations\.enabled, or run main\.js migrate with MIGRATION_DATABASE_URL\.$/,
  },
  {
    what: 'more connections than the server has',
    broken: () => ({ DATABASE_POOL_SIZE: '200' }),
    args: ['--pods', '9'],
    name: 'connections',
    sentence:
      /^DATABASE_POOL_SIZE is 200, so that 9 pods, and one more during a rollout, take 2000 connections, and the server allows \d+; lower DATABASE_POOL_SIZE \(database\.poolSize\) or the number of pods, or raise max_connections\.$/,
  },
  {
    what: 'more connections than the database is given',
    broken: async () => {
      await sql(
        `alter database ${database.name} connection limit 15`,
        `alter database ${database.name} connection limit -1`,
      );
      return { DATABASE_POOL_SIZE: '8' };
    },
    args: ['--pods', '1'],
    name: 'connections',
    sentence:
      /^DATABASE_POOL_SIZE is 8, so that 1 pods?, and one more during a rollout, take 16 connections, and the database (test_\w+) allows 15; lower DATABASE_POOL_SIZE \(database\.poolSize\) or the number of pods, or raise alter database \1 connection limit\.$/,
  },
  {
    what: 'extensions that were not made',
    service: searchService,
    broken: async () => {
      const bare = await createTestDatabase({ service: 'order' });
      endings.push(() => bare.drop());
      const none = await mkdtemp(path.join(folder, 'migrations-'));
      return {
        DATABASE_URL: bare.url,
        RABBITMQ_URL: broker.url,
        SERVICE_IDENTITY_DIR: path.join(folder, 'search'),
        MIGRATIONS_DIR: none,
      };
    },
    name: 'extensions',
    sentence:
      'The database lacks pg_trgm, unaccent; run as an administrator, in this database: create extension pg_trgm; create extension unaccent;',
  },
  {
    what: 'an owner that owns nothing',
    broken: () => ({ MIGRATION_DATABASE_URL: database.url }),
    name: 'database owner',
    sentence:
      /^MIGRATION_DATABASE_URL: the role test_order_app may not create tables; run as an administrator: alter database (test_\w+) owner to test_order_app; grant create on schema public to test_order_app;$/,
  },
];

const brokers: readonly Case[] = [
  {
    what: 'a broker that is not there',
    broken: () => ({ RABBITMQ_URL: `amqp://order:x@${nowhere}` }),
    name: 'broker',
    sentence: `RABBITMQ_URL: RabbitMQ at ${nowhere}: nothing listens at the address of the broker (connect ECONNREFUSED ${nowhere}); set RABBITMQ_URL to where it is, or start it.`,
  },
  {
    what: 'a wrong password',
    broken: () => ({ RABBITMQ_URL: changed(brokerUrl, { password: 'wrong' }) }),
    name: 'broker',
    sentence: new RegExp(
      `^RABBITMQ_URL: RabbitMQ at ${at} refuses the login of (\\S+); set RABBITMQ_URL to the user's present password, or make the user: rabbitmqctl add_user \\1\\.$`,
    ),
  },
  {
    what: 'a virtual host that is not there',
    broken: () => ({ RABBITMQ_URL: changed(brokerUrl, { pathname: '/nothing' }) }),
    name: 'broker',
    sentence: new RegExp(
      `^RABBITMQ_URL: RabbitMQ at ${at} does not let (\\S+) into the virtual host nothing, which is not there, or where it has no permissions; run: rabbitmqctl add_vhost 'nothing' and set_permissions -p 'nothing' '\\1', or name another at the end of RABBITMQ_URL\\.$`,
    ),
  },
  {
    what: 'a queue that the user may not read',
    broken: async () => ({ RABBITMQ_URL: await brokerUser('reads-nothing', { read: '^$' }) }),
    name: 'broker permissions',
    sentence:
      /^RABBITMQ_URL: (\S+) may not read bulkhead\.order\.payments and 5 things more; run: rabbitmqctl set_permissions -p '\S+' '\1' '\^\$' '\S+' '\S+' && rabbitmqctl set_topic_permissions -p '\S+' '\1' 'bulkhead\.events' '\S+' '\^\$'\.$/,
  },
  {
    what: 'an event of this release that the user may not send',
    broken: async () => ({
      RABBITMQ_URL: await brokerUser(
        'old',
        {},
        '^order\\.(placed|confirmed|cancelled|expired|rejected|refunded|refund-paid|refund-failed|user-erased)\\.v1$',
      ),
    }),
    name: 'broker permissions',
    sentence:
      /^RABBITMQ_URL: (\S+) may not publish order\.needs-attention\.v1; run: rabbitmqctl set_permissions /,
  },
  {
    what: 'a queue that is missing, and not the user’s to make',
    broken: async () => {
      await onBroker((channel) => channel.deleteQueue('bulkhead.order.payments.dead'));
      endings.push(() => declareTopology(broker.url, subscribed));
      return {};
    },
    name: 'queues',
    sentence:
      /^bulkhead\.order\.payments\.dead is not there, and \S+ may not make it; run the provisioning of this release, which declares all queues\.$/,
  },
  {
    what: 'a queue of another type',
    broken: async () => {
      await onBroker(async (channel) => {
        await channel.deleteQueue('bulkhead.order.payments.dead');
        await channel.assertQueue('bulkhead.order.payments.dead', { durable: true });
      });
      endings.push(async () => {
        await onBroker((channel) => channel.deleteQueue('bulkhead.order.payments.dead'));
        await declareTopology(broker.url, subscribed);
      });
      return { RABBITMQ_URL: broker.url };
    },
    name: 'queues',
    sentence:
      'bulkhead.order.payments.dead is there with other arguments than this release declares (a quorum queue); delete it once it is empty, and it is made anew.',
  },
];

const peers: readonly Case[] = [
  {
    what: 'a name that does not exist',
    broken: () => ({ INVENTORY_URL: 'http://inventory.invalid:8080' }),
    name: 'dns',
    sentence:
      /^INVENTORY_URL: (there is no host inventory\.invalid; set INVENTORY_URL to a name that exists in this cluster\.|the name inventory\.invalid could not be resolved \(EAI_AGAIN\))/,
  },
  {
    what: 'a peer that does not run',
    broken: () => ({ INVENTORY_URL: `http://${nowhere}` }),
    name: 'inventory',
    sentence: `INVENTORY_URL: inventory at http://${nowhere} cannot be reached: nothing listens there (ECONNREFUSED); start inventory, or set INVENTORY_URL to where it listens.`,
  },
  {
    what: 'something else in the place of a peer',
    broken: async () => ({ INVENTORY_URL: await responding(404, '<h1>Not Found</h1>') }),
    name: 'inventory',
    sentence:
      /^INVENTORY_URL: what responds at http:\S+ \(404\) is not inventory; set it to where inventory listens\.$/,
  },
  {
    what: 'a peer that refuses the token',
    broken: async () => ({
      PAYMENT_URL: await responding(403, problemOf('The service token is not accepted.')),
    }),
    name: 'payment',
    sentence:
      'payment refuses the token of this service; its log says why, once a minute: set SERVICE_IDENTITY_ISSUER, SERVICE_IDENTITY_SUBJECT_PREFIX and SERVICE_IDENTITY_JWKS of payment to what issues the tokens here.',
  },
  {
    what: 'no keys of users’ tokens',
    broken: async () => ({ AUTH_URL: await responding(200, { keys: [] }) }),
    name: 'auth',
    sentence:
      /^AUTH_URL: auth at http:\S+ has no keys of users' tokens \(200\), without which nobody can be signed in; set AUTH_URL to where auth listens\.$/,
  },
  {
    what: 'a clock that is an hour off',
    broken: async () => ({
      PROFILE_URL: await responding(401, problemOf('No.'), {
        date: new Date(Date.now() + 3_600_000).toUTCString(),
      }),
    }),
    name: 'clock',
    sentence:
      /^The clock of this node is 3(600|59\d)(\.\d)? s behind that of profile; set both by NTP, since tokens are refused from 5 s on\.$/,
  },
];

const mail = { service: notificationService, name: 'smtp' };
const mails: readonly Case[] = [
  {
    ...mail,
    what: 'a mail server that is not there',
    broken: () => ({ SMTP_URL: `smtp://${nowhere}` }),
    sentence: `SMTP_URL: the mail server at ${nowhere} cannot be used: nothing listens there (ECONNREFUSED); set SMTP_URL to where it is.`,
  },
  {
    ...mail,
    what: 'a mail server that refuses the login',
    broken: async () => ({
      SMTP_URL: `smtp://shop:wrong@${await mailServer({ authOptional: false, onAuth: (_auth, _session, done) => done(new Error('Bad password')) })}`,
    }),
    sentence: new RegExp(
      `^SMTP_URL: the mail server at ${at} refuses the login of shop \\(535 .*\\); set SMTP_URL to the present user and password\\.$`,
    ),
  },
  {
    ...mail,
    what: 'a mail server that wants a login',
    broken: async () => ({
      SMTP_URL: `smtp://${await mailServer({ authOptional: false, onAuth: (_auth, _session, done) => done(null, { user: 'x' }) })}`,
    }),
    sentence: new RegExp(
      `^SMTP_URL: the mail server at ${at} wants a login \\(530 .*\\); set SMTP_URL to smtp://user:password@${at}\\.$`,
    ),
  },
  {
    ...mail,
    what: 'a mail server that does not know the sender',
    broken: async () => ({
      SMTP_URL: `smtp://${await mailServer({ onMailFrom: (_from, _session, done) => done(Object.assign(new Error('not yours'), { responseCode: 550 })) })}`,
    }),
    sentence: new RegExp(
      `^MAIL_FROM: the mail server at ${at} does not take mails from orders@shop\\.example \\(550 not yours\\); set MAIL_FROM to an address that this account may send from\\.$`,
    ),
  },
  {
    ...mail,
    what: 'a mail server whose certificate is over',
    broken: async () => ({ SMTP_URL: `smtp://${await mailServer({ disabledCommands: [] })}` }),
    sentence: new RegExp(
      `^SMTP_URL: the mail server at ${at} cannot be used: its certificate has expired; renew the certificate\\.$`,
    ),
  },
  {
    ...mail,
    what: 'a mail server that says nothing',
    broken: async () => {
      const silent = createTcpServer(() => undefined);
      endings.push(() => new Promise((resolve) => silent.close(resolve)));
      return { SMTP_URL: `smtp://127.0.0.1:${await listening(silent)}` };
    },
    sentence: new RegExp(
      `^SMTP_URL: the mail server at ${at} gives no greeting; set SMTP_URL to smtps:// where its port expects TLS from the start \\(465\\)\\.$`,
    ),
  },
];

const money = { service: paymentService, name: 'payment provider' };
const providers: readonly Case[] = [
  {
    ...money,
    what: 'a simulated provider that is not there',
    broken: () => ({ PAYMENT_PROVIDER_URL: `http://${nowhere}` }),
    sentence: `PAYMENT_PROVIDER_URL: the provider at http://${nowhere} cannot be reached: nothing listens there (ECONNREFUSED); set it to where the provider is.`,
  },
  {
    ...money,
    what: 'a key that Stripe does not know',
    broken: () => ({ ...stripeEnvironment, STRIPE_SECRET_KEY: 'sk_test_of_somebody_else' }),
    sentence:
      'STRIPE_SECRET_KEY is not accepted by Stripe (401); set it to a key that is shown at https://dashboard.stripe.com/apikeys.',
  },
  {
    ...money,
    what: 'a live key outside of production',
    broken: () => ({ ...stripeEnvironment, STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef' }),
    sentence:
      'STRIPE_SECRET_KEY is a live key where NODE_ENV is test: real money would move; set it to a test key.',
  },
  {
    ...money,
    what: 'a restricted key that may not refund',
    broken: () => {
      stripe.forbidden.add('refunds');
      endings.push(() => stripe.forbidden.clear());
      return stripeEnvironment;
    },
    sentence:
      'STRIPE_SECRET_KEY may not read Charges and Refunds; give the restricted key the permissions that docs/payments.md lists.',
  },
  {
    ...money,
    what: 'an account that may not charge',
    broken: () => {
      stripe.account.charges_enabled = false;
      endings.push(() => (stripe.account.charges_enabled = true));
      return stripeEnvironment;
    },
    sentence:
      'STRIPE_SECRET_KEY: the account acct_1 may not charge yet; activate it at https://dashboard.stripe.com/account/onboarding.',
  },
];

const readToken = async (peer: string) => readFile(path.join(folder, 'order', peer), 'utf8');

async function onBroker(
  work: (
    channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>,
  ) => Promise<unknown>,
) {
  const connection = await connect(broker.url);
  await work(await connection.createChannel());
  await connection.close();
}

describe.each([
  ['identity', identities],
  ['database', databases],
  ['broker', brokers],
  ['peers', peers],
  ['mail', mails],
  ['payment provider', providers],
])('what is broken about %s is said in one sentence', (_of, cases) => {
  test.each(cases)('$what', async ({ service = orderService, broken, args, name, sentence }) => {
    const change = await broken();
    const own: Change =
      service === notificationService
        ? { SERVICE_IDENTITY_DIR: path.join(folder, 'notification'), RABBITMQ_URL: broker.url }
        : service === paymentService
          ? { SERVICE_IDENTITY_DIR: path.join(folder, 'payment'), RABBITMQ_URL: broker.url }
          : {};
    const { code, failures } = await look(service, { ...own, ...change }, args);
    expect(failures).toEqual([
      {
        name,
        outcome: 'failed',
        detail: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
      },
    ]);
    expect(code).toBe(1);
  });
});

test('before the migrations nothing is asked of peers, and what comes next is no fault', async () => {
  const change = {
    DATABASE_URL: empty.url,
    MIGRATION_DATABASE_URL: empty.ownerUrl,
    INVENTORY_URL: 'http://inventory.invalid:8080',
    AUTH_URL: `http://${nowhere}`,
  };
  const { code, findings } = await look(orderService, change, ['--before-migrations']);
  expect(findings.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect(findings.map(({ name }) => name)).toContain('database owner');
  expect(code).toBe(0);
});

test('of several brokers one that is away is a warning, since the others do', async () => {
  const away = changed(brokerUrl, { host: nowhere });
  const { code, findings } = await look(orderService, { RABBITMQ_URL: `${away},${brokerUrl}` });
  expect(findings.filter(({ outcome }) => outcome !== 'ok')).toEqual([
    {
      name: 'broker',
      outcome: 'warning',
      detail: expect.stringContaining(`RabbitMQ at ${nowhere}: nothing listens`),
    },
  ]);
  expect(code).toBe(0);
});

test('of the values of a secret that is being rotated one need fit', async () => {
  const old = 'sk_test_that_was_withdrawn';
  const smtp = await mailServer();
  const rotating = (url: string) => `${changed(url, { password: 'new' })}\n${url}`;
  for (const [definition, name] of [
    [notificationService, 'notification'],
    [paymentService, 'payment'],
  ] as const) {
    const { findings } = await look(definition, {
      ...stripeEnvironment,
      SERVICE_IDENTITY_DIR: path.join(folder, name),
      DATABASE_URL: rotating(database.url),
      RABBITMQ_URL: rotating(broker.url),
      STRIPE_SECRET_KEY: `${old}\n${stripeKey}`,
      SMTP_URL: `smtp://${nowhere}\nsmtp://${smtp}`,
    });
    expect(findings.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  }
});

test('Stripe is looked at with whatever the key may do, and nothing is written there', async () => {
  const own = {
    SERVICE_IDENTITY_DIR: path.join(folder, 'payment'),
    RABBITMQ_URL: broker.url,
    ...stripeEnvironment,
  };
  const said = async () =>
    (await look(paymentService, own)).findings.find(({ name }) => name === 'payment provider');
  expect(await said()).toEqual({
    name: 'payment provider',
    outcome: 'ok',
    detail: 'Stripe, test mode, account acct_1, EUR',
  });
  stripe.forbidden.add('account');
  endings.push(() => stripe.forbidden.clear());
  expect((await said())?.detail).toBe('Stripe, test mode, the key does not show the account');
  expect(stripe.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('configuration that the service would not start with is code 78’s, as elsewhere', async () => {
  await expect(look(orderService, { DATABASE_URL: '' })).rejects.toThrow(/^DATABASE_URL \(/);
  await expect(look(paymentService, { PAYMENT_PROVIDER: 'stripe' })).rejects.toThrow(
    /^STRIPE_SECRET_KEY is missing/,
  );
});
