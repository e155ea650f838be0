import type { Money } from '@bulkhead/contracts/primitives';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { graceForAsker } from './lease';
import { type Payment, paymentColumns } from './payment';
import { isInBetween } from './transitions';
import { advanced, getByOrder, type PaymentDependencies, statusConflict } from './use-case';

export interface Authorisation {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
  /** Token of the payment provider; kept only until the provider has answered. */
  readonly paymentMethod: string;
}

/**
 * One payment an order, whoever asks first: the row is the intent, and it is committed before the provider is asked. The
 * payment of somebody who was erased while the request was on its way is nobody's.
 */
const insertPayment = {
  name: 'payment-insert',
  text: `insert into payments (id, order_id, user_id, provider, status, currency, amount, payment_method, due_at)
    select $1, $2, case when not exists (select from erased_user where user_id = $3) then $3::uuid end, $4,
      'authorising', $5, $6::bigint, $7, now() + ${graceForAsker}
    on conflict (order_id) do nothing returning ${paymentColumns}`,
};

/**
 * Holds the money of an order.
 * @throws ProblemError conflict when the order was begun with another amount or buyer
 */
export async function authorise(
  dependencies: PaymentDependencies,
  { orderId, userId, amount, paymentMethod }: Authorisation,
  deadline: Deadline,
): Promise<Payment> {
  const { database, ids, provider } = dependencies;
  const values = [ids.next(), orderId, userId, provider, amount.currency, amount.amount, paymentMethod];
  const { rows } = await database.query<Payment>({ ...insertPayment, values });
  const payment = rows[0] ?? (await getByOrder(database, orderId));
  if (!rows[0]) assertSame(payment, userId, amount);
  return isInBetween(payment.status) ? advanced(dependencies, payment, deadline) : payment;
}

function assertSame(payment: Payment, userId: string, { amount, currency }: Money): void {
  // A void that came first knows neither buyer nor amount.
  if (payment.status === 'voided') return;
  const same = payment.amount === amount && payment.currency === currency;
  const sameBuyer = payment.userId === null || payment.userId === userId;
  if (!same || !sameBuyer)
    throw statusConflict(payment.status, 'The order is being paid with another amount or by another buyer.');
}
