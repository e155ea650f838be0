import type { EventDefinition } from '@bulkhead/contracts/event';
import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver, RunInSpan } from './observer';
import type { Subscription } from './subscription';
import type { Transport } from './transport';

export interface ConsumersOptions {
  readonly transport: Transport;
  /** The database of the service: its inbox, and what handlers write. */
  readonly database: Database;
  readonly subscriptions: readonly Subscription[];
  /** Every event of the shop, by type. */
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  readonly runInSpan?: RunInSpan;
  /** Messages in hand per group. Default 100. */
  readonly prefetch?: number;
  /** Messages handled at once per group; keep the sum over groups under the pool's size. Default 4. */
  readonly concurrency?: number;
  /** Longest run of a handler, ms. Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Shortest and longest wait between two probes while paused, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
  /** Longest time a message is held while paused before it goes back to its queue, ms. Default 600,000. */
  readonly maxHoldMs?: number;
  readonly random?: () => number;
}

export interface Consumers {
  start(): void;
  /** Groups that wait for a dependency now, with its name. */
  paused(): ReadonlyMap<string, string>;
  /**
   * Takes no more messages, lets the handlers in hand finish and acks them. After `graceMs` (default 10,000) their
   * signals abort; what is not done by then is delivered again, later.
   */
  stop(graceMs?: number): Promise<void>;
}

/** The consumers of one service: every subscription with its queue. */
export function createConsumers(_options: ConsumersOptions): Consumers {
  throw new Error('unfinished');
}
