import type { Invariant, Offence } from '../invariant';
import { type AuditedPayment, readPayments } from '../payments';
import type { Charge } from '../shop-view';

/** What the provider keeps of a charge that is over: nothing is held, and nothing waits for the buyer. */
const open = new Set(['authorised', 'requires_action']);

export const providerAgrees: Invariant = {
  name: 'provider-agrees',
  sentence:
    'The provider’s book and the shop’s agree, payment by payment: the same captured and the same given back, and no money held that nobody will take.',
  skip: ({ charges }) => (charges ? undefined : 'the payment provider’s book cannot be read'),
  async check(shop) {
    const [payments, charges] = await Promise.all([readPayments(shop), shop.charges!()]);
    const ofOrder = Map.groupBy(charges, ({ orderId }) => orderId);
    const known = new Set(payments.map(({ orderId }) => orderId));
    const strangers = [...ofOrder.keys()]
      .filter((orderId) => !known.has(orderId))
      .map((orderId) => ({
        subject: orderId,
        problem: 'the provider has a charge that the shop knows nothing of',
      }));
    const simulated = payments.filter(({ provider }) => provider === 'simulated');
    return {
      examined: charges.length,
      offences: [...strangers, ...simulated.flatMap((each) => judge(each, ofOrder.get(each.orderId) ?? []))],
    };
  },
};

function judge(payment: AuditedPayment, charges: readonly Charge[]): Offence[] {
  const problems: string[] = [];
  const captured = charges.reduce((sum, charge) => sum + charge.captured, 0);
  const refunded = charges.reduce((sum, charge) => sum + charge.refunded, 0);
  if (captured !== payment.captured || refunded !== payment.refunded)
    problems.push(
      `the provider captured ${captured} and gave back ${refunded}, the shop says ${payment.captured} and ${payment.refunded}`,
    );
  for (const { id, status } of charges)
    if (open.has(status) && !payment.isDue && payment.status !== 'authorised')
      problems.push(`the provider still has ${id} as ${status}, the payment is ${payment.status}`);
  return problems.map((problem) => ({ subject: payment.orderId, problem }));
}
