import { withClient } from '@bulkhead/database/admin-client';
import { provisionDatabase } from '@bulkhead/database/provision';
import { brokerAdmin } from '@bulkhead/messaging/broker-admin';
import { provisionBroker } from '@bulkhead/messaging/rabbitmq/provision-broker';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { refusePlaintext, withDatabaseUrl, withManagementUrl } from '@bulkhead/service/server-url';
import { ServersConfig, WantedConfig } from './config';
import { planFor } from './plan';
import { printPlan } from './print';
import { untilItWorks } from './until-it-works';

/**
 * `provision` gives every service its database with two roles, its broker user and all queues, and may be repeated.
 * `provision --print [sql | definitions]` writes the same for an administrator who lets nobody in.
 */
export async function provision(environment: NodeJS.ProcessEnv, words: readonly string[]): Promise<void> {
  const [first, what] = words;
  if (first === '--print') return printPlan(planFor(loadConfig(WantedConfig, environment)), what);
  if (first !== undefined) throw new ConfigError('usage: provision [--print [sql | definitions]]');
  const config = loadConfig(ServersConfig, withManagementUrl(withDatabaseUrl('POSTGRES_ADMIN', environment)));
  const { POSTGRES_ADMIN_URL, RABBITMQ_MANAGEMENT_URL, SERVICES, WAIT_MS } = config;
  refusePlaintext(environment, { POSTGRES_ADMIN_URL, RABBITMQ_MANAGEMENT_URL });
  const plan = planFor(config);
  if (plan.withoutPassword.length > 0)
    throw new ConfigError(
      `CREDENTIALS_DIR holds no password of ${plan.withoutPassword.join(', ')}; name the Secrets of every service.`,
    );

  const adminUrl = ofMaintenanceDatabase(POSTGRES_ADMIN_URL);
  await untilItWorks(WAIT_MS, 'PostgreSQL', () => withClient(adminUrl, (client) => client.query('select 1')));
  for (const { ownerPassword = '', appPassword = '', ...database } of plan.databases)
    await provisionDatabase({ ...database, adminUrl, ownerPassword, appPassword });
  process.stdout.write(`databases: ${SERVICES.join(', ')}\n`);

  const admin = brokerAdmin(RABBITMQ_MANAGEMENT_URL);
  await untilItWorks(WAIT_MS, 'RabbitMQ', () => admin.vhosts());
  await provisionBroker(admin, plan.broker);
  process.stdout.write(`broker users: ${SERVICES.join(', ')}\n`);
}

/** CloudNativePG's Secret of the superuser names no database but `*`. */
function ofMaintenanceDatabase(adminUrl: string): string {
  const url = new URL(adminUrl);
  if (['', '/', '/*', '/%2A'].includes(url.pathname)) url.pathname = '/postgres';
  return url.href;
}
