import type { ReservationLine, ReservationState } from '@bulkhead/contracts/inventory/api';

/** An intended change of a reservation. */
export type Intent =
  | {
      readonly kind: 'reserve';
      readonly orderId: string;
      /** Each SKU once. */
      readonly lines: readonly ReservationLine[];
      readonly ttlSeconds: number;
    }
  | { readonly kind: 'commit' | 'release' | 'expire'; readonly orderId: string };

/** The outcome of an intent. */
export type Outcome =
  | { readonly kind: 'done'; readonly orderId: string; readonly state: ReservationState }
  | { readonly kind: 'out-of-stock'; readonly skus: readonly string[] }
  | { readonly kind: 'conflict'; readonly state: ReservationState }
  | { readonly kind: 'unknown' };

export interface StockCounts {
  readonly sku: string;
  onHand: number;
  reserved: number;
  sold: number;
}

export interface HeldReservation {
  readonly orderId: string;
  state: ReservationState;
  readonly lines: readonly ReservationLine[];
  /** Whether it has expired, by the database's clock. */
  readonly overdue: boolean;
  /** Set for one that is not in the database yet; null for the record of a release that came first. */
  readonly ttlSeconds?: number | null;
}

/** The rows that a batch has locked, or is about to add. Modified in place by `decide`. */
export interface Book {
  readonly stock: Map<string, StockCounts>;
  readonly reservations: Map<string, HeldReservation>;
}

/** The stock movement of each transition of a reservation. */
const moves = {
  hold: ['onHand', 'reserved'],
  sell: ['reserved', 'sold'],
  putBack: ['reserved', 'onHand'],
  takeBack: ['sold', 'onHand'],
} as const;

/**
 * Decides one intent: all lines or none, never below zero, and idempotently. Pieces only move between onHand, reserved
 * and sold, so their sum always agrees with the movements.
 */
export function decide(intent: Intent, book: Book): Outcome {
  const reservation = book.reservations.get(intent.orderId);
  switch (intent.kind) {
    case 'reserve':
      return reservation ? present(reservation) : reserve(intent, book);
    case 'commit':
      if (!reservation) return { kind: 'unknown' };
      if (reservation.state === 'held' && !reservation.overdue) enter('committed', 'sell', reservation, book);
      return reservation.state === 'committed'
        ? present(reservation)
        : { kind: 'conflict', state: shownState(reservation) };
    case 'release':
      return release(intent.orderId, reservation, book);
    case 'expire':
      if (!reservation) return { kind: 'unknown' };
      if (reservation.state === 'held' && reservation.overdue) enter('expired', 'putBack', reservation, book);
      return present(reservation);
  }
}

function reserve(intent: Intent & { kind: 'reserve' }, book: Book): Outcome {
  const short = intent.lines.filter(({ sku, quantity }) => (book.stock.get(sku)?.onHand ?? 0) < quantity);
  if (short.length > 0) return { kind: 'out-of-stock', skus: short.map(({ sku }) => sku) };
  const { orderId, lines, ttlSeconds } = intent;
  const reservation: HeldReservation = { orderId, lines, ttlSeconds, state: 'held', overdue: false };
  book.reservations.set(orderId, reservation);
  enter('held', 'hold', reservation, book);
  return present(reservation);
}

function release(orderId: string, reservation: HeldReservation | undefined, book: Book): Outcome {
  if (!reservation) {
    const mark: HeldReservation = { orderId, lines: [], ttlSeconds: null, state: 'released', overdue: false };
    book.reservations.set(orderId, mark);
    return present(mark);
  }
  if (reservation.state === 'held') enter('released', 'putBack', reservation, book);
  if (reservation.state === 'committed') enter('released', 'takeBack', reservation, book);
  return present(reservation);
}

function enter(
  state: ReservationState,
  move: keyof typeof moves,
  reservation: HeldReservation,
  book: Book,
): void {
  const [from, to] = moves[move];
  for (const { sku, quantity } of reservation.lines) {
    const stock = book.stock.get(sku);
    if (!stock) throw new Error(`the batch has not locked the stock of ${sku}`);
    stock[from] -= quantity;
    stock[to] += quantity;
  }
  reservation.state = state;
}

const present = (reservation: HeldReservation): Outcome => ({
  kind: 'done',
  orderId: reservation.orderId,
  state: shownState(reservation),
});

/** An overdue reservation counts as expired even before the sweep has reached it. */
const shownState = ({ state, overdue }: HeldReservation): ReservationState =>
  state === 'held' && overdue ? 'expired' : state;
