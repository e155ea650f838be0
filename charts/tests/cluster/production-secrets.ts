import { randomBytes } from 'node:crypto';
import { withDatabase } from '../scenarios';
import type { Kube } from './kube';
import type { Vendors } from './vendors/vendors';

/** Letters that mean something in URLs, shells and configuration files are as good as any. */
export const oddPassword = () => `${randomBytes(9).toString('hex')}@/:?#%&"' $`;

export const secret = (name: string, stringData: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

/** The Secrets that the production example of docs/kubernetes.md names, as an operator makes them before the install. */
export async function createProductionSecrets(kube: Kube, vendors: Vendors): Promise<void> {
  const { hosts, authority, smtp, stripe, databaseAdmin, brokerAdmin } = vendors;
  const at = (scheme: string, user: string, host: string, port: number, place = '') =>
    `${scheme}://${user}:${encodeURIComponent(oddPassword())}@${host}:${port}/${place}`;
  const ofServices = withDatabase.flatMap((name) => {
    const database = (role: string) =>
      at('postgres', `${name}_${role}`, hosts.postgresql, 5432, `bulkhead_${name}`);
    return [
      secret(`${name}-pg`, { uri: database('app') }),
      secret(`${name}-pg-owner`, { uri: database('owner') }),
      secret(`${name}-mq`, { uri: at('amqps', name, hosts.rabbitmq, 5671) }),
    ];
  });
  const smtpUrl = `smtp://${smtp.user}:${smtp.password}@${hosts.smtp}:587`;
  await kube.apply(
    ...ofServices,
    secret('postgres-admin', {
      uri: `postgres://${databaseAdmin.user}:${databaseAdmin.password}@${hosts.postgresql}:5432/postgres`,
    }),
    secret('rabbitmq-admin', {
      'management-url': `https://${brokerAdmin.user}:${brokerAdmin.password}@${hosts.rabbitmq}:15671`,
    }),
    secret('pg-ca', { 'ca.crt': authority.ca }),
    secret('mq-ca', { 'ca.crt': authority.ca }),
    secret('smtp', { 'smtp-url': smtpUrl, 'ca.crt': authority.ca }),
    secret('stripe', { 'stripe-secret-key': stripe.key, 'webhook-secret': stripe.webhookSecret }),
  );
}
