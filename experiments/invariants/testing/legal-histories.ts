import type { State } from '@bulkhead/app/order/src/saga/states';
import { legalOrderPaths, type OrderPath } from './legal-orders';
import { legalPayments, type RestingPayment } from './legal-payments';
import { legalReservations, type RestingReservation } from './legal-reservations';

/** A history of an order that the state machines of order, payment and inventory allow, as it is at rest. */
export interface LegalHistory {
  readonly path: OrderPath;
  /** Undefined where payment was never asked. */
  readonly payment: RestingPayment | undefined;
  readonly reservation: RestingReservation;
  readonly isBuyerErased: boolean;
}

/**
 * Each way of the order with each state in which its end may leave the money; the states in which it may leave the stock
 * take turns, and so do buyers who were erased since.
 */
export function legalHistories(): LegalHistory[] {
  const payments = [undefined, ...legalPayments()];
  const reservations = legalReservations();
  return legalOrderPaths().flatMap((path, one) => {
    const money = payments.filter((payment) => isMoneyOf(path, payment));
    const stock = reservations.filter((reservation) => isStockOf(path, reservation));
    return money.map((payment, other) => {
      const turn = one + other;
      return { path, payment, reservation: stock[turn % stock.length], isBuyerErased: turn % 3 === 0 };
    });
  });
}

const isSettled = (end: State): boolean => end === 'confirmed' || end === 'refunded';

function isMoneyOf(path: OrderPath, payment: RestingPayment | undefined): boolean {
  const end = path.at(-1)!;
  const wasHeld = path.includes('authorised') || path.includes('committed');
  if (!payment) return !path.includes('reserved') && !isSettled(end);
  if (payment.isMark) return !wasHeld && !isSettled(end);
  const bySaga = payment.refunds.some(({ by }) => by === 'saga');
  switch (end) {
    case 'confirmed':
      return payment.captured > 0 && !bySaga;
    case 'refunded':
      return payment.status === 'refunded';
    default:
      return payment.captured === 0 && !(wasHeld && payment.status === 'declined');
  }
}

function isStockOf(path: OrderPath, reservation: RestingReservation): boolean {
  if (path.at(-1) === 'confirmed') return reservation?.state === 'committed';
  if (reservation?.state === 'held' || reservation?.state === 'committed') return false;
  // A cancel releases, whatever there was; without one, stock was lacking.
  if (!path.includes('reserved')) return true;
  return reservation !== undefined && !reservation.isMark;
}
