import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { MessageSpan } from './observer';

/** A row of the outbox as the relay claimed it. */
export interface OutboxRow {
  /** The row's position in the outbox: a bigint, as text. */
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** The CloudEvent as JSON. */
  readonly payload: string;
}

/**
 * The outcome of one row: 'confirmed', the transport has stored it durably for every group that consumes it; 'failed',
 * the row itself cannot be sent; 'unavailable', the transport is unavailable or full, which says nothing about the row.
 */
export type PublishOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unavailable' };

/** A message as received, not validated. */
export interface IncomingMessage {
  /** The event's id if the sender set one; otherwise an id generated for this message. */
  readonly messageId: string;
  readonly body: Buffer;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The event type under which the transport authorised its sender, if the transport does that. */
  readonly sentAs?: string;
  /** It was delivered repeatedly: handling it may crash the process, so its attempts are recorded when they start. */
  readonly suspect?: boolean;
}

/** A message in progress: it belongs to the consumer until one of these has resolved or the message is lost. */
export interface HeldMessage {
  readonly message: IncomingMessage;
  /** True once the transport has taken the message back (a closed channel): it will be redelivered. */
  isLost(): boolean;
  /** Handled: removes it from the queue. */
  ack(): Promise<void>;
  /**
   * Redelivers it to this group, as `attempt`, after the retry delay with that index.
   * @throws MessageRefused; any other error: the transport is unavailable
   */
  retry(delayIndex: number, attempt: number): Promise<void>;
  /**
   * Moves it to the group's dead letters, with the reason.
   * @throws MessageRefused; any other error: the transport is unavailable
   */
  dead(reason: string): Promise<void>;
  /**
   * Removes it from the queue if even the dead letters refuse it. A broker may still dead-letter it, without the
   * reason.
   */
  drop(): Promise<void>;
}

/** The transport is available but refuses this message. Retrying forever would not help. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
}

/** The queue of one group, as the consumer loop sees it. */
export interface GroupSource {
  /** Starts (or restarts) delivering; at most the prefetch count is in progress at any time. */
  resume(): void;
  /** Stops delivering; messages in progress stay in progress. */
  suspend(): Promise<void>;
  /** Returns the messages in progress and closes the queue. */
  close(): Promise<void>;
}

export interface SourceOptions {
  /** Prefetch count. */
  readonly prefetch: number;
  readonly onMessage: (held: HeldMessage) => void;
}

/** A message given up on. */
export interface DeadLetter {
  readonly group: string;
  readonly messageId: string;
  /** As the sender set it; 'unknown' if it did not. */
  readonly type: string;
  readonly attempts: number;
  readonly reason: string;
  /** RFC 3339. */
  readonly deadAt: string;
  readonly body: string;
}

/** The dead letters of every group: used by the operator's command. */
export interface DeadLetters {
  /** Up to `limit` (default 100, at most 1,000) dead letters of a group, oldest first. */
  list(group: string, limit?: number): Promise<readonly DeadLetter[]>;
  show(group: string, messageId: string): Promise<DeadLetter | undefined>;
  /**
   * Sends dead letters again, to this group only, with the same ids and the attempts reset. Each leaves the dead
   * letters only after it is safely in the group's queue. Returns the number of messages.
   */
  redrive(group: string, which: Which): Promise<number>;
  /** Deletes dead letters permanently. Returns the number of messages. */
  drop(group: string, which: Which): Promise<number>;
}

export type Which = { readonly messageId: string } | 'all';

/** The current state of a group's queue. */
export interface QueueState {
  readonly group: string;
  /** Messages to be handled now; in process, also those with a delay. */
  readonly waiting: number;
  readonly dead: number;
}

/** Transports events from the outbox of one service to the queues of the groups that consume them. */
export interface Transport {
  /** Retry delays, ms. After the last one a failing message becomes a dead letter. */
  readonly retryDelaysMs: readonly number[];
  /** Sends the rows in a window; never throws. Outcomes are in the order of the rows. */
  publish(rows: readonly OutboxRow[]): Promise<readonly PublishOutcome[]>;
  /**
   * Attributes of spans (OpenTelemetry's `messaging.*`, 1.45): for sending an event of this type, or for a group
   * handling it.
   */
  spanAttributes(type: string, group?: string): MessageSpan['attributes'];
  /** The queue of a group, suspended until its first `resume`. */
  source(definition: SubscriptionDefinition, options: SourceOptions): GroupSource;
  readonly deadLetters: DeadLetters;
  /** Current depth of these groups' queues; queues that do not exist yet are left out. */
  queueStates(groups: readonly string[]): Promise<readonly QueueState[]>;
  /** Closes connections and timers. Messages in progress will be redelivered. */
  close(): Promise<void>;
}
