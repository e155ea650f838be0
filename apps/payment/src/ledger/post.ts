import type { Transaction } from '@bulkhead/database/database';

/** A movement of money, written once. */
export interface Posting {
  readonly id: string;
  readonly paymentId: string;
  readonly kind: 'capture' | 'refund' | 'refund-reversal';
  /** Minor units, positive. */
  readonly amount: number;
  readonly currency: string;
}

/**
 * Double entry. A capture: the provider owes us (debit), we have sold (credit); a refund the reverse, and one
 * that failed after all undoes it. The entries of a transaction sum to 0, so all entries do; the trigger ledger_balance refuses anything else at commit.
 */
const postEntries = {
  name: 'ledger-post',
  text: `with posted as (insert into ledger_transactions (id, payment_id, kind) values ($1, $2, $3) returning id)
    insert into ledger_entries (transaction_id, account, currency, amount)
    select posted.id, entry.account, $4, entry.sign * $5::bigint
    from posted, (values ('provider_receivable', 1), ('sales', -1)) as entry (account, sign)`,
};

/** Writes a movement into the transaction that changes the payment. */
export async function post(
  tx: Transaction,
  { id, paymentId, kind, amount, currency }: Posting,
): Promise<void> {
  const signed = kind === 'refund' ? -amount : amount;
  await tx.query({ ...postEntries, values: [id, paymentId, kind, currency, signed] });
}
