import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from '../observer';
import type { Transport } from '../transport';

export interface RabbitMqTransportOptions {
  /** amqp:// or amqps:// */
  readonly url: string;
  /** Certificate authorities in PEM to trust for amqps, instead of the well-known ones. */
  readonly ca?: string | Buffer;
  /** The service that sends and reads here; names its connections. */
  readonly service: ServiceName;
  /** All subscriptions of the shop: the topology. */
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Begins the names of the exchange and all queues. Default 'bulkhead.'. */
  readonly prefix?: string;
  /** The ladder, ms; each delay has its queue per group, so another value is another queue. */
  readonly retryDelaysMs?: readonly number[];
  /** Unconfirmed messages at once. Default 300. */
  readonly window?: number;
  /** Longest wait for a confirm, ms. Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** False where an operator made the topology and the service's user may not. Default true. */
  readonly declareTopology?: boolean;
  readonly random?: () => number;
}

/** Events over RabbitMQ (3.10 and later). Connects in the background and again whenever the connection is lost. */
export function createRabbitMqTransport(_options: RabbitMqTransportOptions): Transport {
  throw new Error('unfinished');
}
