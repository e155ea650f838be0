import type { Invariant, Offence } from '../invariant';

interface CaptureKeys {
  readonly orderId: string;
  readonly keys: number;
}

export const capturedOnce: Invariant = {
  name: 'captured-once',
  sentence:
    'Of an order, money is captured at most once: one charge at the provider for no more than its amount, one capture in the ledger, and one key however often the provider was asked.',
  async check(shop) {
    const [booked, asked, charges] = await Promise.all([
      shop.ask<{ orderId: string; captures: number }>(
        'payment',
        `select order_id as "orderId", count(*)::int as captures from ledger_transactions
          join payments on payments.id = payment_id where kind = 'capture' group by order_id`,
      ),
      shop.ask<CaptureKeys>(
        'payment',
        `select order_id as "orderId", count(distinct idempotency_key)::int as keys from provider_attempts
          join payments on payments.id = payment_id where operation = 'capture' group by order_id`,
      ),
      shop.charges?.() ?? [],
    ]);
    const offences: Offence[] = [];
    for (const { orderId, captures } of booked)
      if (captures > 1)
        offences.push({ subject: orderId, problem: `the ledger has ${captures} captures of it` });
    for (const { orderId, keys } of asked)
      if (keys > 1)
        offences.push({ subject: orderId, problem: `a capture was asked for under ${keys} keys` });
    for (const [orderId, all] of Map.groupBy(charges, (charge) => charge.orderId)) {
      const taken = all.filter(({ captured }) => captured > 0);
      const amount = all[0]!.amount;
      const sum = taken.reduce((total, { captured }) => total + captured, 0);
      if (taken.length > 1 || sum > amount)
        offences.push({
          subject: orderId,
          problem: `the provider took ${sum} of ${amount} in ${taken.length} charges`,
        });
    }
    return { examined: Math.max(booked.length, asked.length, charges.length), offences };
  },
};
