import type { Money } from '@bulkhead/contracts/primitives';
import type { Ending, State } from './states';

/** An order from its saga's point of view. */
export interface Saga {
  readonly id: string;
  readonly userId: string;
  /** The buyer was erased: `userId` is a placeholder. */
  readonly buyerErased: boolean;
  readonly state: State;
  readonly version: number;
  readonly total: Money;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly paymentMethod: string | undefined;
  /** Whether payment may know this order. */
  readonly paymentBegun: boolean;
  readonly ending: Ending | undefined;
  readonly endingReason: string | undefined;
  readonly attentionFrom: State | undefined;
  /** Its current runner; a new id each time it is claimed. */
  readonly leaseOwner: string | undefined;
  /** Of the current step, from 1. */
  readonly attempt: number;
  /** W3C trace context of the request that placed it. */
  readonly traceparent: string | undefined;
}

/** A transition to make. */
export interface Move {
  readonly to: State;
  /** Shown with the new state. */
  readonly reason?: string | undefined;
  /** With `cancelling`: the intended outcome. */
  readonly ending?: Ending | undefined;
  /** With `rejected` or `cancelling` because of insufficient stock. */
  readonly lackingSkus?: readonly string[] | undefined;
}
