import type { Command, Outcome, ReservationEntry, StockEntry } from './commands';

/** What a batch works on: everything its commands touch, read under lock. */
export interface Books {
  readonly stock: Map<string, StockEntry>;
  readonly reservations: Map<string, ReservationEntry>;
}

/**
 * Carries one command out on the books, in memory. Commands of a batch are decided one after the other, in the order
 * they came, so a batch gives what as many transactions would have given.
 *
 * Kept for every SKU: onHand + reserved + sold stays what it was, and none of the three goes below zero.
 */
export function decide(command: Command, books: Books): Outcome {
  const reservation = books.reservations.get(command.orderId);
  if (command.kind === 'reserve') return reservation ? present(reservation) : reserve(command, books);
  if (!reservation)
    return command.kind === 'release' ? leaveMark(command.orderId, books) : { kind: 'not-found' };
  switch (command.kind) {
    case 'commit':
      return commit(reservation, books);
    case 'release':
      return release(reservation, books);
    case 'expire':
      return expire(reservation, books);
  }
}

const present = ({ state, expiresAt }: ReservationEntry): Outcome => ({ kind: 'state', state, expiresAt });

function reserve(command: Command & { kind: 'reserve' }, { stock, reservations }: Books): Outcome {
  const lines = merge(command.lines);
  const missing = lines.filter(({ sku, quantity }) => (stock.get(sku)?.onHand ?? 0) < quantity);
  if (missing.length > 0) return { kind: 'out-of-stock', skus: missing.map(({ sku }) => sku) };
  for (const { sku, quantity } of lines) move(stock, sku, { onHand: -quantity, reserved: quantity });
  const entry: ReservationEntry = {
    state: 'held',
    expiresAt: null,
    overdue: false,
    lines,
    ttlSeconds: command.ttlSeconds,
    changed: false,
  };
  reservations.set(command.orderId, entry);
  return present(entry);
}

function leaveMark(orderId: string, { reservations }: Books): Outcome {
  const mark: ReservationEntry = {
    state: 'released',
    expiresAt: null,
    overdue: false,
    lines: [],
    ttlSeconds: null,
    changed: false,
  };
  reservations.set(orderId, mark);
  return present(mark);
}

function commit(reservation: ReservationEntry, { stock }: Books): Outcome {
  if (reservation.state === 'committed') return present(reservation);
  if (reservation.state !== 'held') return { kind: 'conflict', state: reservation.state };
  for (const { sku, quantity } of reservation.lines)
    move(stock, sku, { reserved: -quantity, sold: quantity });
  return change(reservation, 'committed');
}

function release(reservation: ReservationEntry, { stock }: Books): Outcome {
  const { state } = reservation;
  if (state === 'released' || state === 'expired') return present(reservation);
  const from = state === 'held' ? 'reserved' : 'sold';
  for (const { sku, quantity } of reservation.lines)
    move(stock, sku, { [from]: -quantity, onHand: quantity });
  return change(reservation, 'released');
}

function expire(reservation: ReservationEntry, books: Books): Outcome {
  if (reservation.state !== 'held' || !reservation.overdue) return present(reservation);
  release(reservation, books);
  return change(reservation, 'expired');
}

function change(reservation: ReservationEntry, state: ReservationEntry['state']): Outcome {
  reservation.state = state;
  reservation.changed = true;
  return present(reservation);
}

function move(
  stock: Books['stock'],
  sku: string,
  by: { readonly onHand?: number; readonly reserved?: number; readonly sold?: number },
): void {
  const entry = stock.get(sku);
  if (!entry) throw new Error(`the stock of ${sku} is gone while an order holds some of it`);
  entry.onHand += by.onHand ?? 0;
  entry.reserved += by.reserved ?? 0;
  entry.sold += by.sold ?? 0;
  entry.changed = true;
}

function merge(lines: (Command & { kind: 'reserve' })['lines']) {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
