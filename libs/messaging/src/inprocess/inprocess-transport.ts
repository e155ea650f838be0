import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from '../observer';
import type { Transport } from '../transport';

export interface InProcessTransportOptions {
  /** The database of every service that has subscriptions. */
  readonly databases: Partial<Readonly<Record<ServiceName, Database>>>;
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** The ladder, ms. */
  readonly retryDelaysMs?: readonly number[];
  /** How long a delivery taken is this process's, ms; renewed while it is in hand. Default 30,000. */
  readonly leaseMs?: number;
  /** How often the queues are looked at when nobody wakes them, ms. Default 500. */
  readonly sweepMs?: number;
}

/**
 * Events between services of one process, as durable as on a broker: a queue is rows in the reading service's own
 * database. One transport serves all services of the process.
 */
export function createInProcessTransport(_options: InProcessTransportOptions): Transport {
  throw new Error('unfinished');
}
