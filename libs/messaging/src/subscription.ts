import type { CloudEvent, DataOf, EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { Transaction } from '@bulkhead/database/database';

/** What a handler gets in addition to the event. */
export interface Delivery {
  /** The transaction of the inbox row: whatever is written in it happens once per event and group. */
  readonly tx: Transaction;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborts when the consumer is stopping and its grace period is over. */
  readonly signal: AbortSignal;
}

/** Distributes over the definitions, so that `type` discriminates the events of a group and their data. */
type EventOf<D> = D extends EventDefinition ? CloudEvent<DataOf<D>> & { readonly type: D['type'] } : never;

/**
 * Handles one event. Returning acknowledges it (after the transaction committed). Throwing decides the outcome:
 * `PoisonMessage` → dead letter immediately; `DependencyUnavailable` → the consumer pauses and probes, and no attempt
 * is used up; anything else → retries (1 s, 10 s, 1 min, 10 min), then a dead letter.
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
   * Asks the event's owner to confirm it before the transaction is open: no connection is held while another service is
   * called. Throws like a handler.
   */
  readonly confirm?: (event: CloudEvent, signal: AbortSignal) => Promise<void>;
  /**
   * Handles the waiting events together, in one transaction: all or none. If it throws, each event is handled on its
   * own, so that one does not fail the others.
   */
  readonly handleAll?: (events: readonly CloudEvent[], delivery: Omit<Delivery, 'attempt'>) => Promise<void>;
}

/**
 * Handles the events of one batch. Throwing has the same effects as in `Handler`, for the event that is then handled
 * alone.
 */
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

/** A subscription whose events are handled together if several are waiting, with one statement for all of them. */
export const subscribeInBatches = <S extends SubscriptionDefinition>(
  definition: S,
  handleAll: BatchHandler<S>,
): Subscription => {
  const handle = handleAll as unknown as Required<Subscription>['handleAll'];
  return { definition, handle: (event, delivery) => handle([event], delivery), handleAll: handle };
};

/** The message can never be handled; retrying is pointless. It becomes a dead letter with this reason. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** A dependency of the handler (SMTP, a peer, its own database) is unavailable; says nothing about the message. */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';
  readonly dependency: string;
  constructor(dependency: string, options?: ErrorOptions) {
    super(`${dependency} is unavailable`, options);
    this.dependency = dependency;
  }
}
