import type { Money } from '@bulkhead/contracts/primitives';
import type { Ending, State } from './states';

/** An order as its saga sees it. */
export interface Saga {
  readonly id: string;
  readonly userId: string;
  /** The buyer was erased: `userId` stands for nobody. */
  readonly buyerErased: boolean;
  readonly state: State;
  readonly version: number;
  readonly total: Money;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly paymentMethod: string | undefined;
  /** May payment know of this order? */
  readonly paymentBegun: boolean;
  readonly ending: Ending | undefined;
  readonly endingReason: string | undefined;
  readonly attentionFrom: State | undefined;
  /** Who works on it; a new id for each time it is taken up. */
  readonly leaseOwner: string | undefined;
  /** Of the present step, from 1. */
  readonly attempt: number;
  /** W3C trace context of the request that placed it. */
  readonly traceparent: string | undefined;
}

/** A transition to make. */
export interface Move {
  readonly to: State;
  /** Shown with the new state. */
  readonly reason?: string | undefined;
  /** With `cancelling`: where it leads. */
  readonly ending?: Ending | undefined;
  /** With `rejected` or `cancelling` for want of stock. */
  readonly lackingSkus?: readonly string[] | undefined;
}
