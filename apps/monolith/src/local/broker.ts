import { join } from 'node:path';
import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { brokerAdmin } from '@bulkhead/messaging/broker-admin';
import { startBroker } from '@bulkhead/messaging/broker-process';
import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { explainBrokerFailure } from '@bulkhead/messaging/rabbitmq/broker-failure';
import { provisionBrokerUser } from '@bulkhead/messaging/rabbitmq/broker-user';
import { connectToAny } from '@bulkhead/messaging/rabbitmq/connect';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import { answering } from './answering';
import type { LocalSecrets } from './secrets';

export interface LocalBroker {
  /** Of an administrator; for tools that look from outside. */
  readonly url: string;
  readonly urls: ReadonlyMap<ServiceName, string>;
  /** host:port of its metrics, where they are known. */
  readonly metricsAddress: string | undefined;
  stop(): Promise<void>;
}

export interface LocalBrokerOptions {
  readonly services: readonly ServiceName[];
  readonly dataDir: string;
  readonly secrets: LocalSecrets;
  /** A broker to use, or several of one cluster; without one, RabbitMQ is started in the data folder. */
  readonly url: string | undefined;
  /** The authorities to trust for amqps, in PEM. */
  readonly ca: string | undefined;
  /** Its management API. Without one nobody can be added there, and all services use `url`. */
  readonly managementUrl: string | undefined;
  /** Of the names of exchange and queues. */
  readonly prefix: string | undefined;
}

/** A broker with every queue that there is, and a user for each service. */
export async function startLocalBroker(options: LocalBrokerOptions): Promise<LocalBroker> {
  const { services, dataDir, prefix, ca } = options;
  const broker = options.url
    ? {
        url: await answering(
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
      urls: broker.managementUrl ? urls : new Map(services.map((service) => [service, url])),
      metricsAddress,
      stop: () => broker.stop(),
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

function userUrl(service: ServiceName, adminUrl: string, { secrets, prefix }: LocalBrokerOptions): string {
  return brokerAddresses(adminUrl)
    .map((address) => {
      const url = new URL(address);
      const vhost = decodeURIComponent(url.pathname.slice(1));
      // Users are the whole broker's, which several shops may share.
      url.username = [vhost, prefix ?? 'bulkhead.', service].join('');
      url.password = secrets.brokerUsers[service]!;
      return url.href;
    })
    .join(',');
}
