import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { getByOrder, type Payment } from './payment';
import { type PaymentDependencies, statusConflict } from './use-case';

const isCaptured = new Set<PaymentStatus>(['captured', 'refunding', 'partially_refunded', 'refunded']);

/**
 * Captures the authorised money. @throws ProblemError not-found; conflict when none is authorised, or it is being
 * voided
 */
export async function capture(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const { batches, engine, captureKey } = dependencies;
  const intent = engine.newIntent(captureKey(orderId));
  const begun = await batches.beginnings.submit({ orderId, operation: 'capture', intent });
  const after = begun
    ? await engine.ask(begun, intent, deadline)
    : await goOn(dependencies, orderId, deadline);
  if (after.status === 'failed')
    throw statusConflict('failed', 'The provider refused to capture what it had authorised.', after.reason);
  return after;
}

/** No money was authorised when last read: it was captured or requested before, or there is none. */
async function goOn(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const payment = await getByOrder(dependencies.database, orderId);
  if (isCaptured.has(payment.status)) return payment;
  if (payment.status === 'capturing') return dependencies.engine.advance(payment.id, deadline);
  // The authorisation arrived in between.
  if (payment.status === 'authorised' && payment.providerReference !== null)
    return capture(dependencies, orderId, deadline);
  throw statusConflict(payment.status, 'Only money that is held can be captured.', payment.reason);
}
