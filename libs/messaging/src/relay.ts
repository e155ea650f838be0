import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from './observer';
import type { Transport } from './transport';

export interface RelayOptions {
  /** The database of the service whose outbox this is. */
  readonly database: Database;
  readonly transport: Pick<Transport, 'publish'>;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Rows per claim. Default 500. */
  readonly batchSize?: number;
  /** Batches being sent at once. Default 2. */
  readonly lanes?: number;
  /** How long a claimed row is this relay's, ms; a relay that died lets go of its rows after it. Default 30,000. */
  readonly leaseMs?: number;
  /** How often the outbox is looked at when nobody wakes the relay, ms. Default 500. */
  readonly sweepMs?: number;
  /** Failures for its own fault after which a row is parked. Default 10. */
  readonly maxAttempts?: number;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

export interface OutboxStats {
  /** Rows waiting or in flight; counted up to 100,000. */
  readonly unsent: number;
  /** Age of the oldest unsent row, ms; 0 when there is none. */
  readonly oldestAgeMs: number;
  readonly parked: number;
}

export interface Relay {
  /** Begins to send; the first sweep is at once. */
  start(): void;
  /** Rows were committed: look now. Cheap; may be called often and before `start`. */
  wake(): void;
  /** Sends what is there; resolves when nothing claimable is left, or after `deadlineMs`. True when nothing is left. */
  flush(deadlineMs: number): Promise<boolean>;
  /** Stops claiming and waits for the batches in flight. */
  stop(): Promise<void>;
  stats(): Promise<OutboxStats>;
}

export function createRelay(_options: RelayOptions): Relay {
  throw new Error('unfinished');
}
