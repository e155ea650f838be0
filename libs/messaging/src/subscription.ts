import type { CloudEvent, DataOf, EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { Transaction } from '@bulkhead/database/database';

/** What a handler gets besides the event. */
export interface Delivery {
  /** The transaction that also holds the inbox row: what is written here happens once per event and group. */
  readonly tx: Transaction;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborts when the consumer is stopping and its grace is over. */
  readonly signal: AbortSignal;
}

/** Distributes over the definitions, so that `type` tells the events of a group and their data apart. */
type EventOf<D> = D extends EventDefinition ? CloudEvent<DataOf<D>> & { readonly type: D['type'] } : never;

/**
 * Handles one event. Returning acknowledges it (after the transaction committed). Throwing decides its fate:
 * `PoisonMessage` → dead letter at once; `DependencyUnavailable` → the consumer pauses and probes, and no attempt is
 * used up; anything else → the retry ladder (1 s, 10 s, 1 min, 10 min), then a dead letter.
 */
export type Handler<S extends SubscriptionDefinition> = (
  event: EventOf<S['events'][number]>,
  delivery: Delivery,
) => Promise<void>;

/** A subscription of the topology with the code that handles it. */
export interface Subscription {
  readonly definition: SubscriptionDefinition;
  readonly handle: (event: CloudEvent, delivery: Delivery) => Promise<void>;
  /**
   * Asks whoever owns what the event tells of whether it is true, before the transaction is open: a connection is not
   * held while others are asked. Throws as a handler does.
   */
  readonly confirm?: (event: CloudEvent, signal: AbortSignal) => Promise<void>;
  /**
   * Handles what waits together, in one transaction: all of it, or none. Where it throws, each event is handled by itself,
   * so that one does not fail the others.
   */
  readonly handleAll?: (events: readonly CloudEvent[], delivery: Omit<Delivery, 'attempt'>) => Promise<void>;
}

/** Handles the events of one moment. Throwing is as for `Handler`, of the event that is handled alone then. */
export type BatchHandler<S extends SubscriptionDefinition> = (
  events: readonly EventOf<S['events'][number]>[],
  delivery: Omit<Delivery, 'attempt'>,
) => Promise<void>;

export const subscribe = <S extends SubscriptionDefinition>(
  definition: S,
  handle: Handler<S>,
): Subscription => ({
  definition,
  handle: handle as unknown as Subscription['handle'],
});

/** A subscription whose events are handled together where several wait. The handler makes one statement of them. */
export const subscribeInBatches = <S extends SubscriptionDefinition>(
  definition: S,
  handleAll: BatchHandler<S>,
): Subscription => {
  const handle = handleAll as unknown as Required<Subscription>['handleAll'];
  return { definition, handle: (event, delivery) => handle([event], delivery), handleAll: handle };
};

/** The message itself can never be handled; retrying is pointless. Goes to dead letters with this reason. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** Something the handler needs (SMTP, a peer, the own database) is away; says nothing about the message. */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';
  readonly dependency: string;
  constructor(dependency: string, options?: ErrorOptions) {
    super(`${dependency} is unavailable`, options);
    this.dependency = dependency;
  }
}
