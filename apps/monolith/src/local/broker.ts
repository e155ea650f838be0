import { join } from 'node:path';
import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { brokerAdmin } from '@bulkhead/messaging/broker-admin';
import { startBroker } from '@bulkhead/development/broker-process';
import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { explainBrokerFailure } from '@bulkhead/messaging/rabbitmq/broker-failure';
import { provisionBrokerUser } from '@bulkhead/messaging/rabbitmq/broker-user';
import { connectToAny } from '@bulkhead/messaging/rabbitmq/connect';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import type { ServiceDefinition } from '@bulkhead/service/service';
import type { LocalConfig } from '../config';
import { requireResponse } from './require-response';
import type { LocalSecrets } from './secrets';

export interface LocalBroker {
  /** Administrator's URL, for external tools. */
  readonly url: string;
  readonly urls: ReadonlyMap<ServiceName, string>;
  /** Prefix of the names of exchange and queues, unless it is the default. */
  readonly prefix: string | undefined;
  /** host:port of its metrics, if known. */
  readonly metricsAddress: string | undefined;
  stop(): Promise<void>;
}

export interface LocalBrokerOptions {
  readonly services: readonly ServiceName[];
  readonly dataDir: string;
  readonly secrets: LocalSecrets;
  /**
   * URL of an existing broker, or of several nodes of one cluster; without it, RabbitMQ is started in the data folder.
   */
  readonly url: string | undefined;
  /** The authorities to trust for amqps, in PEM. */
  readonly ca: string | undefined;
  /** Its management API. Without it no users can be created, and all services use `url`. */
  readonly managementUrl: string | undefined;
  /** Prefix of the names of exchange and queues. */
  readonly prefix: string | undefined;
}

/** A broker with all queues, and a user for each service. */
export async function startLocalBroker(options: LocalBrokerOptions): Promise<LocalBroker> {
  const { services, dataDir, prefix, ca } = options;
  const broker = options.url
    ? {
        url: await requireResponse(
          'RABBITMQ_URL',
          'the broker',
          options.url,
          async (url) => (await connectToAny({ url, ca })).close(),
          (error) => explainBrokerFailure(error).reason,
        ),
        managementUrl: options.managementUrl,
        metricsAddress: undefined,
        stop: async () => undefined,
      }
    : await startBroker({ dataDir: join(dataDir, 'rabbitmq') });
  try {
    const urls = new Map(services.map((service) => [service, userUrl(service, broker.url, options)]));
    if (broker.managementUrl) {
      const all = Object.values(subscriptions);
      await declareTopology({ url: broker.url, ca }, all, prefix);
      const admin = brokerAdmin(broker.managementUrl);
      for (const [service, url] of urls)
        await provisionBrokerUser(admin, {
          service,
          url,
          subscriptions: all,
          catalog: events,
          access: 'narrow',
          prefix,
        });
    }
    const { url, metricsAddress } = broker;
    return {
      url,
      prefix,
      urls: broker.managementUrl ? urls : new Map(services.map((service) => [service, url])),
      metricsAddress,
      stop: () => broker.stop(),
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** The broker of a shop on this machine, as configured by its variables. */
export const startShopBroker = ({
  config,
  definitions,
  dataDir,
  secrets,
}: {
  readonly config: LocalConfig;
  readonly definitions: readonly ServiceDefinition[];
  readonly dataDir: string;
  readonly secrets: LocalSecrets;
}): Promise<LocalBroker> =>
  startLocalBroker({
    services: definitions.filter(({ database }) => database).map(({ name }) => name),
    dataDir,
    secrets,
    url: config.RABBITMQ_URL,
    ca: config.RABBITMQ_CA,
    managementUrl: config.RABBITMQ_MANAGEMENT_URL,
    // Empty counts as unset, as for the services.
    prefix: process.env['RABBITMQ_PREFIX'] || undefined,
  });

function userUrl(service: ServiceName, adminUrl: string, { secrets, prefix }: LocalBrokerOptions): string {
  return brokerAddresses(adminUrl)
    .map((address) => {
      const url = new URL(address);
      const vhost = decodeURIComponent(url.pathname.slice(1));
      // Users belong to the whole broker, which several shops may share.
      url.username = [vhost, prefix ?? 'bulkhead.', service].join('');
      url.password = secrets.brokerUsers[service]!;
      return url.href;
    })
    .join(',');
}
