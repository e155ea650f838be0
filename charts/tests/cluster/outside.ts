import type { Kube } from './kube';
import { secretValue } from './nothing-lost';
import type { OutsideProvider } from './outside-provider';
import { readTopology } from './topology';

const services = Object.entries(readTopology()).filter(([, { database }]) => database);

/**
 * Makes Secrets as an operator of databases would: under names and keys of its own, with servers in another namespace.
 * @param infra where PostgreSQL and RabbitMQ run, without the shop
 * @returns values with which the umbrella takes them
 */
export async function useOutsideServers(
  shop: Kube,
  infra: Kube,
  infraPrefix: string,
  { payment, gateway }: OutsideProvider,
): Promise<object> {
  const domain = `${infra.namespace}.svc`;
  const outside = (url: string) => {
    const known = new URL(url);
    known.hostname = `${known.hostname}.${domain}`;
    return known.toString();
  };
  const secret = (name: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData,
  });
  const values: Record<string, object> = {};
  for (const [service] of services) {
    const read = async (kind: string, key: string) =>
      outside(await secretValue(infra, `${infraPrefix}${service}-${kind}`, key));
    await shop.apply(
      secret(`pg-${service}`, { uri: await read('database', 'app-url') }),
      secret(`pg-${service}-owner`, { 'owner-uri': await read('database', 'owner-url') }),
      secret(`mq-${service}`, { connection: await read('broker', 'broker-url') }),
    );
    values[service] = {
      database: {
        existingSecret: `pg-${service}`,
        ownerSecret: `pg-${service}-owner`,
        keys: { app: 'uri', owner: 'owner-uri' },
      },
      broker: { existingSecret: `mq-${service}`, key: 'connection' },
    };
  }
  values['notification'] = {
    ...values['notification'],
    config: { SMTP_URL: `smtp://${infraPrefix}mail-catcher.${domain}:1025` },
    networkPolicy: { smtp: { to: [{ namespaceSelector: {} }], ports: [1025] } },
  };
  values['payment'] = { ...values['payment'], ...payment };
  const anywhere = { to: [{ namespaceSelector: {} }] };
  return {
    ...values,
    gateway,
    infra: { enabled: false },
    global: { networkPolicy: { database: anywhere, broker: anywhere } },
  };
}
