import type { Invariant } from '../invariant';

export const ledgerBalances: Invariant = {
  name: 'ledger-balances',
  sentence:
    'The ledger sums to zero, transaction by transaction and in every currency, and says of every payment what the payment says.',
  async check(shop) {
    const [counted, unbalanced, disagreeing] = await Promise.all([
      shop.ask<{ count: number }>('payment', 'select count(*)::int as count from ledger_transactions'),
      shop.ask<{ subject: string; sum: number }>(
        'payment',
        `select id::text as subject, coalesce(sum(amount), 0)::bigint as sum
          from ledger_transactions left join ledger_entries on transaction_id = id
          group by id having coalesce(sum(amount), 0) <> 0 or count(transaction_id) < 2
        union all
        select currency, sum(amount)::bigint from ledger_entries group by currency having sum(amount) <> 0`,
      ),
      shop.ask<{ orderId: string; captured: number; refunded: number; inLedger: number }>(
        'payment',
        `select order_id as "orderId", captured, refunded, coalesce(kept, 0)::bigint as "inLedger"
          from payments left join (
            select payment_id, sum(amount) as kept from ledger_transactions
            join ledger_entries on transaction_id = id and account = 'provider_receivable' group by payment_id
          ) ledger on payment_id = payments.id
          where captured - refunded <> coalesce(kept, 0)`,
      ),
    ]);
    return {
      examined: counted[0]!.count,
      offences: [
        ...unbalanced.map(({ subject, sum }) => ({ subject, problem: `its entries sum to ${sum}` })),
        ...disagreeing.map(({ orderId, captured, refunded, inLedger }) => ({
          subject: orderId,
          problem: `captured ${captured} and refunded ${refunded}, but the ledger holds ${inLedger}`,
        })),
      ],
    };
  },
};
