import { isFinal } from '@bulkhead/app/order/src/saga/states';
import type { Invariant, Offence } from '../invariant';
import { type AuditedOrder, readOrders } from '../orders';
import { type AuditedPayment, isVoidMark, readPayments } from '../payments';

export const moneyFollowsOrders: Invariant = {
  name: 'money-follows-orders',
  sentence:
    'Captured less refunded is what the paid orders sum to, order by order: the whole total of a confirmed one (less what was given back meanwhile), nothing of any other, of which no money is held either; and no payment is left half-way.',
  async check(shop) {
    const [orders, payments] = await Promise.all([readOrders(shop), readPayments(shop)]);
    const byOrder = new Map(payments.map((payment) => [payment.orderId, payment]));
    const known = new Set(orders.map(({ id }) => id));
    const strangers = payments
      .filter(({ orderId }) => !known.has(orderId))
      .map(({ orderId }) => ({ subject: orderId, problem: 'has a payment, but there is no such order' }));
    return {
      examined: orders.length + strangers.length,
      offences: [...strangers, ...orders.flatMap((order) => judge(order, byOrder.get(order.id)))],
    };
  },
};

function judge({ id, state, total, currency }: AuditedOrder, payment: AuditedPayment | undefined): Offence[] {
  const problems: string[] = [];
  const kept = payment ? payment.captured - payment.refunded : 0;
  const due = state === 'confirmed' ? total - (payment?.givenBack ?? 0) : 0;
  if (kept !== due)
    problems.push(`is ${state}: ${kept} were kept where ${due} are due (${currency}, minor units)`);
  if (payment && payment.currency !== currency && !isVoidMark(payment))
    problems.push(`is in ${currency}, but was paid in ${payment.currency}`);
  if (payment?.status === 'authorised' && isFinal(state))
    problems.push(`is ${state}, but its money is still held`);
  if (payment?.isDue) problems.push(`its payment is still ${payment.status}`);
  if (payment?.needsAttention) problems.push(`its payment is ${payment.status} and needs a person`);
  return problems.map((problem) => ({ subject: id, problem }));
}
