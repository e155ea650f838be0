import type { RabbitMqTransportOptions } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import type { DatabaseConfig } from './base-config';

/** Connection settings for the broker, read from the configuration at the time of each connection. */
export const brokerLogins = ({
  RABBITMQ_URL: url,
  RABBITMQ_CA: ca,
  RABBITMQ_CERT: cert,
  RABBITMQ_KEY: key,
}: Pick<DatabaseConfig, 'RABBITMQ_URL' | 'RABBITMQ_CA' | 'RABBITMQ_CERT' | 'RABBITMQ_KEY'>): Pick<
  RabbitMqTransportOptions,
  'url' | 'ca' | 'certificate'
> => ({
  url: () => url.values,
  ...(ca && { ca: () => ca.value }),
  ...(cert && key && { certificate: () => ({ cert: cert.value, key: key.value }) }),
});
