import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { events } from '@bulkhead/contracts/events';
import { serviceNames, type ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { withClient } from '@bulkhead/database/admin-client';
import { provisionDatabase } from '@bulkhead/database/provision';
import { brokerAdmin } from '@bulkhead/messaging/broker-admin';
import { brokerAccess } from '@bulkhead/messaging/rabbitmq/broker-permissions';
import { provisionBrokerUser } from '@bulkhead/messaging/rabbitmq/broker-user';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import { integer, loadConfig, url } from '@bulkhead/service/config';
import { brokerUrls, certificates } from '@bulkhead/service/runtime/base-config';
import { z } from 'zod';
import { untilItWorks } from './until-it-works';

const list = z.string().transform((text) => text.split(',').filter((word) => word !== ''));

const ProvisionConfig = z.object({
  POSTGRES_ADMIN_URL: url('postgres', 'postgresql').describe('a role that may create roles and databases'),
  RABBITMQ_ADMIN_URL: brokerUrls().describe('an administrator, who declares the queues'),
  RABBITMQ_CA: certificates().optional().describe('PEM of the authorities to trust for amqps'),
  RABBITMQ_MANAGEMENT_URL: url('http', 'https').describe('the management API, with an administrator'),
  SERVICES: list.pipe(z.array(z.enum(serviceNames))).describe('services with a database, comma-separated'),
  EXTENSIONS: z
    .string()
    .default('{}')
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(z.record(z.string(), z.array(z.string())))
    .describe('PostgreSQL extensions by service, as JSON'),
  BROKER_ACCESS: z
    .enum(brokerAccess)
    .default('transitional')
    .describe('what a service may do at the broker; narrow once no pod of the release before runs'),
  CREDENTIALS_DIR: z.string().min(1).describe('folder with <service>/{owner-url,app-url,broker-url}'),
  WAIT_MS: integer(0, 3_600_000).default(150_000).describe('ms to wait for the servers'),
});

/** `provision`: gives every service its database with two roles, and its broker user. May be repeated. */
export async function provisionInfra(environment: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(ProvisionConfig, environment);
  await untilItWorks(config.WAIT_MS, 'PostgreSQL', () =>
    withClient(config.POSTGRES_ADMIN_URL, (client) => client.query('select 1')),
  );
  for (const service of config.SERVICES) await provisionServiceDatabase(service, config);
  process.stdout.write(`databases: ${config.SERVICES.join(', ')}\n`);

  const all = Object.values(subscriptions);
  await untilItWorks(config.WAIT_MS, 'RabbitMQ', () =>
    declareTopology({ url: config.RABBITMQ_ADMIN_URL, ca: config.RABBITMQ_CA }, all),
  );
  const admin = brokerAdmin(config.RABBITMQ_MANAGEMENT_URL);
  for (const service of config.SERVICES) {
    const text = await credential(config, service, 'broker-url');
    await provisionBrokerUser(admin, {
      service,
      url: text,
      subscriptions: all,
      catalog: events,
      access: config.BROKER_ACCESS,
    });
  }
  process.stdout.write(`broker users: ${config.SERVICES.join(', ')}\n`);
}

type Config = z.output<typeof ProvisionConfig>;

async function provisionServiceDatabase(service: ServiceName, config: Config): Promise<void> {
  const [owner, app] = (
    await Promise.all([credential(config, service, 'owner-url'), credential(config, service, 'app-url')])
  ).map((text) => new URL(text)) as [URL, URL];
  await provisionDatabase({
    adminUrl: config.POSTGRES_ADMIN_URL,
    service,
    database: decodeURIComponent(app.pathname.slice(1)),
    ownerPassword: decodeURIComponent(owner.password),
    appPassword: decodeURIComponent(app.password),
    extensions: config.EXTENSIONS[service] ?? [],
  });
}

const credential = async (config: Config, service: ServiceName, key: string): Promise<string> =>
  (await readFile(join(config.CREDENTIALS_DIR, service, key), 'utf8')).trim();
