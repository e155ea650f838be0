import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { applyMove } from './apply-move';
import type { Payment } from './payment';
import { lockPayment } from './record';
import { advanced, getByOrder, type PaymentDependencies, statusConflict } from './use-case';

const isCaptured = new Set<PaymentStatus>(['captured', 'refunding', 'partially_refunded', 'refunded']);

/** Takes the money that is held. @throws ProblemError not-found; conflict when none is, or it is being let go */
export async function capture(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const { database } = dependencies;
  const { id } = await getByOrder(database, orderId);
  const payment = await database.transaction(async (tx) => {
    const locked = (await lockPayment(tx, id))!;
    if (locked.status !== 'authorised') return locked;
    return applyMove(tx, locked, { to: 'capturing' }, dependencies);
  });
  if (isCaptured.has(payment.status)) return payment;
  if (payment.status !== 'capturing')
    throw statusConflict(payment.status, 'Only money that is held can be captured.', payment.reason);
  const after = await advanced(dependencies, payment, deadline);
  if (after.status === 'failed')
    throw statusConflict('failed', 'The provider refused to capture what it had authorised.', after.reason);
  return after;
}
