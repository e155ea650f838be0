import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { MessageSpan } from './observer';

/** A row of the outbox as the relay claimed it. */
export interface OutboxRow {
  /** The row's place in the outbox: a bigint, as text. */
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** The CloudEvent as JSON. */
  readonly payload: string;
}

/**
 * What became of one row: 'confirmed', the carrier has it durably for every group that hears it; 'failed', the row
 * itself cannot be sent; 'unavailable', the carrier is away or full, which says nothing about the row.
 */
export type PublishOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unavailable' };

/** A message as it came, before anything is believed about it. */
export interface IncomingMessage {
  /** The event's id where the sender set one; otherwise an id made up for this message. */
  readonly messageId: string;
  readonly body: Buffer;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The type of event as which the carrier let its sender publish it, where the carrier judges that. */
  readonly sentAs?: string;
  /** It was handed over again and again: its handling may be what ends the process, and its beginnings are counted. */
  readonly suspect?: boolean;
}

/** A message in hand: it is the consumer's until one of these has resolved or the message is lost. */
export interface HeldMessage {
  readonly message: IncomingMessage;
  /** True once the carrier has taken the message back (a closed channel): it will be delivered again. */
  isLost(): boolean;
  /** Handled: it is gone from the queue. */
  ack(): Promise<void>;
  /**
   * To be delivered again to this group, as `attempt`, after the ladder's delay of that index.
   * @throws MessageRefused; any other error: the carrier is away
   */
  retry(delayIndex: number, attempt: number): Promise<void>;
  /** To the group's dead letters, with the reason. @throws MessageRefused; any other error: the carrier is away */
  dead(reason: string): Promise<void>;
  /** Out of the queue, where even the dead letters refuse it. A broker may still bury it, without the reason. */
  drop(): Promise<void>;
}

/** The carrier is there, and does not take this message. Trying again for ever would help nobody. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
}

/** The queue of one group, as the consumer loop sees it. */
export interface GroupSource {
  /** Begins (or begins again) to deliver; at most the prefetch count is in hand at any time. */
  resume(): void;
  /** Stops delivering; what is in hand stays in hand. */
  suspend(): Promise<void>;
  /** Gives back what is in hand and lets the queue go. */
  close(): Promise<void>;
}

export interface SourceOptions {
  /** Largest number of messages in hand. */
  readonly prefetch: number;
  readonly onMessage: (held: HeldMessage) => void;
}

/** A message given up on. */
export interface DeadLetter {
  readonly group: string;
  readonly messageId: string;
  /** As the sender said; 'unknown' where it did not. */
  readonly type: string;
  readonly attempts: number;
  readonly reason: string;
  /** RFC 3339. */
  readonly deadAt: string;
  readonly body: string;
}

/** The dead letters of every group: what the operator's command works on. */
export interface DeadLetters {
  /** Up to `limit` (default 100, at most 1,000) dead letters of a group, oldest first. */
  list(group: string, limit?: number): Promise<readonly DeadLetter[]>;
  show(group: string, messageId: string): Promise<DeadLetter | undefined>;
  /**
   * Sends dead letters again, to this group only, with their ids kept and their attempts begun anew. Each leaves the
   * dead letters only after it is safely in the group's queue. Returns how many.
   */
  redrive(group: string, which: Which): Promise<number>;
  /** Deletes dead letters for good. Returns how many. */
  drop(group: string, which: Which): Promise<number>;
}

export type Which = { readonly messageId: string } | 'all';

/** The queue of a group at the time of asking. */
export interface QueueState {
  readonly group: string;
  /** Messages to be handled now; in process, also those to come after a delay. */
  readonly waiting: number;
  readonly dead: number;
}

/** What carries events from the outbox of one service to the queues of the groups that hear them. */
export interface Transport {
  /** The ladder: delays between attempts, ms. After the last one a failing message becomes a dead letter. */
  readonly retryDelaysMs: readonly number[];
  /** Sends the rows in a window; never throws. Outcomes are in the order of the rows. */
  publish(rows: readonly OutboxRow[]): Promise<readonly PublishOutcome[]>;
  /**
   * What spans say of the carrier (OpenTelemetry's `messaging.*`, 1.45): of sending an event of this type, or of a group
   * handling it.
   */
  spanAttributes(type: string, group?: string): MessageSpan['attributes'];
  /** The queue of a group, suspended until its first `resume`. */
  source(definition: SubscriptionDefinition, options: SourceOptions): GroupSource;
  readonly deadLetters: DeadLetters;
  /** What waits in the queues of these groups now; queues that do not exist yet are left out. */
  queueStates(groups: readonly string[]): Promise<readonly QueueState[]>;
  /** Lets go of connections and timers. What is still in hand will be delivered again. */
  close(): Promise<void>;
}
