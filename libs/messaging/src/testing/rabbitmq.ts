import { randomBytes } from 'node:crypto';
import { type BrokerAdmin, type BrokerPermissions, allPermissions, brokerAdmin } from '../broker-admin';
import type { Broker } from '@bulkhead/development/broker';
import { startBroker } from '@bulkhead/development/broker-process';

export interface TestBroker {
  /** AMQP URL, including the virtual host. */
  readonly url: string;
  /** Prefix of exchange and queue names; empty if the virtual host is the test's own. */
  readonly prefix: string;
  /** Only where the broker can be administered (always, unless just a RABBITMQ_URL was given). */
  readonly admin?: BrokerAdmin & {
    readonly vhost: string;
    /** A user of its own in this virtual host; resolves to its URL. */
    createUserUrl(name: string, permissions: BrokerPermissions): Promise<string>;
  };
  /** Removes the virtual host with everything in it. */
  drop(): Promise<void>;
}

let ownBroker: Promise<Broker> | undefined;
const alive = new Set<TestBroker>();
let fileHasEnded = false;

/** This hook runs before those of the test file itself, which remove their resources: the last one stops the broker. */
const stopOwnBroker = async () => {
  if (!fileHasEnded || alive.size > 0) return;
  await (await ownBroker)?.stop();
  ownBroker = undefined;
};

if (typeof afterAll === 'function') {
  afterAll(() => {
    fileHasEnded = true;
    return stopOwnBroker();
  });
}

const server = async (): Promise<{ url: string; managementUrl?: string }> => {
  const url = process.env['RABBITMQ_URL'];
  if (!url) return (ownBroker ??= startBroker());
  const managementUrl = process.env['RABBITMQ_MANAGEMENT_URL'];
  return managementUrl ? { url, managementUrl } : { url };
};

/**
 * An isolated part of a real RabbitMQ for one test file: a virtual host of its own, or, if RABBITMQ_URL came without
 * RABBITMQ_MANAGEMENT_URL, a prefix for names. Starts a broker when neither is set.
 */
export const createTestBroker = async (): Promise<TestBroker> => {
  const { url, managementUrl } = await server();
  const name = `test-${randomBytes(6).toString('hex')}`;
  if (managementUrl === undefined) return { url, prefix: `${name}.`, drop: async () => undefined };
  const admin = brokerAdmin(managementUrl);
  const users: string[] = [];
  await admin.createVhost(name);
  await admin.permit(decodeURIComponent(new URL(url).username), name, allPermissions);
  const broker: TestBroker = {
    url: withVhost(url, name),
    prefix: '',
    admin: {
      ...admin,
      vhost: name,
      async createUserUrl(userName, permissions) {
        const user = { name: `${name}-${userName}`, password: randomBytes(12).toString('hex') };
        await admin.createUser(user);
        users.push(user.name);
        await admin.permit(user.name, name, permissions);
        return withVhost(url, name, user);
      },
    },
    async drop() {
      try {
        await admin.deleteVhost(name);
        await Promise.all(users.map((user) => admin.deleteUser(user)));
      } finally {
        alive.delete(broker);
        await stopOwnBroker();
      }
    },
  };
  alive.add(broker);
  return broker;
};

const withVhost = (base: string, vhost: string, user?: { name: string; password: string }) => {
  const url = new URL(base);
  url.pathname = `/${vhost}`;
  if (user) {
    url.username = user.name;
    url.password = user.password;
  }
  return url.toString();
};
