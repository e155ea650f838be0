import { brokerAccess } from '@bulkhead/messaging/rabbitmq/broker-permissions';
import { integer, url } from '@bulkhead/service/config';
import { z } from 'zod';
import { json, ServicesConfig } from '../services/config';

/** What is to be made, whether by this command or by an administrator who gets it printed. */
export const WantedConfig = ServicesConfig.extend({
  EXTENSIONS: json
    .pipe(z.record(z.string(), z.array(z.string())))
    .describe('PostgreSQL extensions by service, as JSON'),
  BROKER_ACCESS: z
    .enum(brokerAccess)
    .default('transitional')
    .describe('permissions of a service at the broker; narrow once no pod of the previous release runs'),
  BROKER_VHOST: z.string().min(1).default('/').describe('virtual host of the shop'),
});
export type WantedConfig = z.output<typeof WantedConfig>;

/** Where it is made. */
export const ServersConfig = WantedConfig.extend({
  POSTGRES_ADMIN_URL: url('postgres', 'postgresql').describe('a role that may create roles and databases'),
  RABBITMQ_MANAGEMENT_URL: url('http', 'https').describe('the management API, with an administrator'),
  WAIT_MS: integer(0, 3_600_000).default(150_000).describe('ms to wait for the servers'),
});
