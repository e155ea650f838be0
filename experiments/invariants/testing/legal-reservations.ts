import {
  type Book,
  decide,
  type HeldReservation,
  type Intent,
} from '@bulkhead/app/inventory/src/ledger/decide';
import type { ReservationState } from '@bulkhead/contracts/inventory/api';

/** A reservation as it may be left; undefined where there never was one. */
export type RestingReservation = { readonly state: ReservationState; readonly isMark: boolean } | undefined;

const orderId = 'order';
const lines = [{ sku: 'SKU', quantity: 1 }];
const intents: readonly (Intent & { readonly overdue?: boolean })[] = [
  { kind: 'reserve', orderId, lines, ttlSeconds: 1 },
  { kind: 'commit', orderId },
  { kind: 'release', orderId },
  { kind: 'expire', orderId, overdue: true },
];

/** Everything that inventory's own decisions can make of a reservation, whatever is asked and however often. */
export function legalReservations(): RestingReservation[] {
  const found = new Map<string, RestingReservation>();
  const walk = (reservation: HeldReservation | undefined) => {
    const resting = reservation && { state: reservation.state, isMark: reservation.lines.length === 0 };
    const key = JSON.stringify(resting ?? null);
    if (found.has(key)) return;
    found.set(key, resting);
    for (const intent of intents) walk(after(reservation, intent));
  };
  walk(undefined);
  return [...found.values()];
}

function after(
  reservation: HeldReservation | undefined,
  { overdue = false, ...intent }: (typeof intents)[number],
): HeldReservation | undefined {
  const book: Book = {
    stock: new Map([['SKU', { sku: 'SKU', onHand: 9, reserved: 9, sold: 9 }]]),
    reservations: new Map(reservation ? [[orderId, { ...reservation, overdue }]] : []),
  };
  decide(intent, book);
  return book.reservations.get(orderId);
}
