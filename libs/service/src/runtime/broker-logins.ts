import type { RabbitMqTransportOptions } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import type { DatabaseConfig } from './base-config';

/** How to connect to the broker, as the configuration says it at the time of each connection. */
export const brokerLogins = ({
  RABBITMQ_URL: url,
  RABBITMQ_CA: ca,
}: Pick<DatabaseConfig, 'RABBITMQ_URL' | 'RABBITMQ_CA'>): Pick<RabbitMqTransportOptions, 'url' | 'ca'> => ({
  url: () => url.values,
  ...(ca && { ca: () => ca.value }),
});
