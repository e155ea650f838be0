import type { z } from 'zod';
import type { OrderState, OrderStatus } from '@bulkhead/contracts/order/api';

/**
 * States of an order. `committed`: the reservation is permanent. `confirmed`: the money is captured. That is the pivot:
 * everything before it can be compensated, everything after it can only be retried.
 */
export type State = z.infer<typeof OrderState>;
export type Status = z.infer<typeof OrderStatus>;

/** Every legal transition. Nothing else may write `orders.state`. */
export const transitions = {
  placed: ['reserved', 'rejected', 'cancelling', 'needs_attention'],
  reserved: ['authorised', 'cancelling', 'needs_attention'],
  authorised: ['committed', 'cancelling', 'needs_attention'],
  committed: ['confirmed', 'cancelling', 'needs_attention'],
  // A capture may have won the race against the cancellation: the money is then refunded.
  cancelling: ['cancelled', 'rejected', 'expired', 'refunding', 'needs_attention'],
  confirmed: ['refunding'],
  refunding: ['refunded', 'needs_attention'],
  // Left only by an operator: back to the previous state, or to the actual one; and by an erasure, which cancels orders
  // on the way to `confirmed`.
  needs_attention: [
    'placed',
    'reserved',
    'authorised',
    'committed',
    'cancelling',
    'refunding',
    'confirmed',
    'cancelled',
    'refunded',
  ],
  cancelled: [],
  rejected: [],
  expired: [],
  refunded: [],
} as const satisfies Record<State, readonly State[]>;

export const isLegal = (from: State, to: State): boolean =>
  (transitions[from] as readonly State[]).includes(to);

const endings = {
  confirmed: true,
  cancelled: true,
  rejected: true,
  expired: true,
  refunded: true,
} as const satisfies Partial<Record<State, true>>;

export type FinalState = keyof typeof endings;

export const finalStates = Object.keys(endings) as FinalState[];

/** The saga is at rest (a confirmed order only until its buyer cancels it). */
export const isFinal = (state: State): state is FinalState => state in endings;

/** On the way to `confirmed`: may still be cancelled without a refund, and expires. */
export const forwardStates = ['placed', 'reserved', 'authorised', 'committed'] as const satisfies State[];

export const isForward = (state: State): state is (typeof forwardStates)[number] =>
  (forwardStates as readonly State[]).includes(state);

/** States with a pending step, whose runner holds a lease. */
export type WorkingState = Exclude<State, FinalState | 'needs_attention'>;

export const isWorking = (state: State): state is WorkingState =>
  !isFinal(state) && state !== 'needs_attention';

export const workingStates: readonly WorkingState[] = (Object.keys(transitions) as State[]).filter(isWorking);

/** The API's word for a state. */
export const statusOf = (state: State): Status => (isFinal(state) ? state : 'pending');

/** Possible outcomes of `cancelling` when nothing was captured. */
export type Ending = 'cancelled' | 'rejected' | 'expired';

/** The states behind a status of the API. */
export const statesOf = (status: Status): readonly State[] =>
  (Object.keys(transitions) as State[]).filter((state) => statusOf(state) === status);
