import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { applyMove } from './apply-move';
import { voidKey } from './operations';
import { getByOrder, noCurrency, type Payment, paymentColumns } from './payment';
import { lockPayment } from './record';
import { type PaymentDependencies, statusConflict } from './use-case';

/**
 * The client distinguishes an inserted row from an existing one only by its count.
 *
 * Records a void that came before its payment: a late authorisation finds it and authorises nothing.
 */
const insertMark = {
  name: 'payment-void-mark',
  text: `insert into payments (id, order_id, provider, status, currency, amount)
    values ($1, $2, $3, 'voided', '${noCurrency}', 0)
    on conflict (order_id) do nothing returning ${paymentColumns}`,
};

const canBeVoided = new Set<PaymentStatus>(['authorising', 'unknown', 'requires_action', 'authorised']);
const holdsNothing = new Set<PaymentStatus>(['voided', 'declined']);

/** Voids the money that is or may be authorised. @throws ProblemError conflict once a capture has started */
export async function voidPayment(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const { batches, engine } = dependencies;
  const intent = engine.newIntent(voidKey(orderId));
  const begun = await batches.beginnings.submit({ orderId, operation: 'void', intent });
  const after = begun
    ? await engine.ask(begun, intent, deadline)
    : await voidWhatMayBeHeld(dependencies, orderId, deadline);
  if (holdsNothing.has(after.status) || after.status === 'voiding') return after;
  throw statusConflict(after.status, 'The provider had taken the money.');
}

/** The money is not known to be authorised: an authorisation may be in flight, or the money was voided or captured. */
async function voidWhatMayBeHeld(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const { database, ids, provider, engine } = dependencies;
  const { rows } = await database.query<Payment>({ ...insertMark, values: [ids.next(), orderId, provider] });
  if (rows[0]) return rows[0];

  const { id } = await getByOrder(database, orderId);
  const payment = await database.transaction(async (tx) => {
    const locked = (await lockPayment(tx, id))!;
    return canBeVoided.has(locked.status) ? applyMove(tx, locked, { to: 'voiding' }, dependencies) : locked;
  });
  if (holdsNothing.has(payment.status)) return payment;
  if (payment.status !== 'voiding')
    throw statusConflict(payment.status, 'The money is being taken or was.', payment.reason);
  return engine.advance(payment.id, deadline);
}
