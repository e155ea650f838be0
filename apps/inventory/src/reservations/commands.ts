import type { ReservationLine, ReservationState } from '@bulkhead/contracts/inventory/api';

/** What can be asked of the stock of an order. */
export type Command =
  | {
      readonly kind: 'reserve';
      readonly orderId: string;
      readonly lines: readonly ReservationLine[];
      readonly ttlSeconds: number;
    }
  | { readonly kind: 'commit' | 'release' | 'expire'; readonly orderId: string };

/** How a command ended; 'refused' where it changes nothing. */
export type Outcome =
  | { readonly kind: 'state'; readonly state: ReservationState; readonly expiresAt: Date | null }
  | { readonly kind: 'out-of-stock'; readonly skus: readonly string[] }
  | { readonly kind: 'conflict'; readonly state: ReservationState }
  | { readonly kind: 'not-found' };

/** A reservation as a batch sees it: read under lock, changed in memory, written once. */
export interface ReservationEntry {
  state: ReservationState;
  /** null: nothing was ever held, or it is new and PostgreSQL's clock will say. */
  expiresAt: Date | null;
  /** By the database's clock, when it was read. */
  readonly overdue: boolean;
  readonly lines: readonly ReservationLine[];
  /** New in this batch: to be inserted, with this time to live; null for a mark without lines. */
  readonly ttlSeconds?: number | null;
  changed: boolean;
}

/** The pieces of a SKU as a batch sees them. */
export interface StockEntry {
  onHand: number;
  reserved: number;
  sold: number;
  readonly version: number;
  readonly onHandBefore: number;
  changed: boolean;
}
