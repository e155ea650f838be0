import type { Money } from '@bulkhead/contracts/primitives';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { authoriseKey } from './operations';
import { getByOrder, type Payment } from './payment';
import { isInBetween } from './transitions';
import { type PaymentDependencies, statusConflict } from './use-case';

export interface Authorisation {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
  /** Token of the payment provider; kept only until the provider has responded. */
  readonly paymentMethod: string;
}

/**
 * Authorises the amount of an order.
 * @throws ProblemError conflict when the order was started with another amount or buyer
 */
export async function authorise(
  dependencies: PaymentDependencies,
  { orderId, userId, amount, paymentMethod }: Authorisation,
  deadline: Deadline,
): Promise<Payment> {
  const { database, ids, engine, batches } = dependencies;
  const intent = engine.newIntent(authoriseKey(orderId));
  const asked = { id: ids.next(), orderId, userId, ...amount, paymentMethod, intent };
  const opened = await batches.openings.submit(asked);
  if (opened) return engine.ask(opened, intent, deadline);

  const payment = await getByOrder(database, orderId);
  assertSame(payment, userId, amount);
  return isInBetween(payment.status) ? engine.advance(payment.id, deadline) : payment;
}

function assertSame(payment: Payment, userId: string, { amount, currency }: Money): void {
  // A void that came first knows neither buyer nor amount.
  if (payment.status === 'voided') return;
  const same = payment.amount === amount && payment.currency === currency;
  const sameBuyer = payment.userId === null || payment.userId === userId;
  if (!same || !sameBuyer)
    throw statusConflict(payment.status, 'The order is being paid with another amount or by another buyer.');
}
