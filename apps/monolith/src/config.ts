import { isServiceName, type ServiceName } from '@bulkhead/contracts/services';
import { integer, toggle, url } from '@bulkhead/service/config';
import { brokerUrls, certificates, ProcessConfig } from '@bulkhead/service/runtime/base-config';
import { z } from 'zod';

/** The gateway cannot be split off: it is the entry point. */
const maySplitOff = (name: string): name is ServiceName => isServiceName(name) && name !== 'gateway';

const splitOffServices = () =>
  z
    .string()
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .refine(
      (names) => names.every(maySplitOff),
      'must be names of services other than gateway, separated by commas',
    )
    .transform((names) => names.filter(maySplitOff));

/** The configuration of a shop on one machine; everything else is generated. */
export const LocalConfig = ProcessConfig.extend({
  LOG_LEVEL: ProcessConfig.shape.LOG_LEVEL.removeDefault().default('warn'),
  TRACES_RATIO: ProcessConfig.shape.TRACES_RATIO.removeDefault()
    .default(1)
    .describe(
      'ratio of new traces that are sampled; all by default, so that a single request can be looked up',
    ),
  OPS: toggle('on').describe('the page at /ops'),
  PORT: integer(0, 65_535).default(3000).describe('port of the shop'),
  ADMIN_PORT: integer(0, 65_535).default(3001).describe('port of metrics and probes'),
  HOST: z.string().min(1).max(253).default('127.0.0.1').describe('address to listen on'),
  DATA_DIR: z.string().min(1).default('.bulkhead').describe('folder of all stored data'),
  DATABASE_ADMIN_URL: url('postgres', 'postgresql')
    .optional()
    .describe('a PostgreSQL server to use, as a role that may create databases; default: an embedded one'),
  SPLIT_OFF: splitOffServices()
    .optional()
    .describe('services that npm start runs in separate processes, with RabbitMQ'),
  RABBITMQ_URL: brokerUrls()
    .optional()
    .describe('a broker to use with npm run services or SPLIT_OFF, or several of one cluster'),
  RABBITMQ_CA: certificates().optional().describe('certificate authorities for amqps, in PEM'),
  RABBITMQ_MANAGEMENT_URL: url('http', 'https')
    .optional()
    .describe('its management API as an administrator, to make a user for each service'),
});
export type LocalConfig = z.output<typeof LocalConfig>;
