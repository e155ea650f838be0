import type { Transaction } from '@bulkhead/database/database';
import { applyMove, type RecordDependencies } from './apply-move';
import type { Move } from './decide';
import type { Payment } from './payment';
import type { RefundChange } from './refund-news';
import { givenBackAtProvider, refundColumns, type RefundRow, refundsOf, settle, statusWith } from './refunds';

/** Stores the provider's report of one refund, and moves the payment accordingly. */
export async function recordRefund(
  tx: Transaction,
  payment: Payment,
  change: RefundChange,
  dependencies: RecordDependencies,
): Promise<Payment> {
  const { reference, status, failure } = change.told;
  if (change.kind === 'accepted') {
    // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
    await tx.query({
      name: 'refund-accepted',
      text: `update refunds set provider_reference = $2 where id = $1`,
      values: [change.refund.id, reference],
    });
    return payment;
  }
  const before = change.kind === 'settled' ? change.refund : undefined;
  const refund = before
    ? await settle(tx, before.id, { status, failure, providerReference: reference })
    : await insertMadeThere(tx, payment, change.told, dependencies);
  return applyMove(tx, payment, await moveBy(tx, payment, refund, before), dependencies);
}

/** The provider refused it, and nothing has moved. @returns the resulting move */
export async function refuseRefund(
  tx: Transaction,
  payment: Payment,
  before: RefundRow,
  failure: string,
): Promise<Move> {
  const refund = await settle(tx, before.id, { status: 'failed', failure, providerReference: null });
  return moveBy(tx, payment, refund, before);
}

/** A failed refund needs an operator if somebody may expect the money. */
async function moveBy(
  tx: Transaction,
  payment: Payment,
  refund: RefundRow,
  before: RefundRow | undefined,
): Promise<Move> {
  const accepted = before !== undefined && before.providerReference !== null;
  const isExpected = accepted || refund.origin === 'order';
  return {
    to: statusWith(payment, await refundsOf(tx, payment.id)),
    refunded: countOf(refund) - countOf(before),
    refund: { ...refund, accepted },
    ...(refund.status === 'failed' && isExpected ? { attention: 'refund-failed' } : {}),
  };
}

const countOf = (refund: RefundRow | undefined): number =>
  refund?.status === 'succeeded' ? refund.amount : 0;

async function insertMadeThere(
  tx: Transaction,
  { id }: Payment,
  { reference, amount, status, failure }: RefundChange['told'],
  { ids }: RecordDependencies,
): Promise<RefundRow> {
  // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
  const { rows } = await tx.query<RefundRow>({
    name: 'refund-made-there',
    text: `insert into refunds (id, payment_id, amount, status, failure, origin, reason, provider_reference, settled_at)
      values ($1, $2, $3, $4, $5, 'provider', $7, $6, case when $4 <> 'pending' then now() end)
      returning ${refundColumns}`,
    values: [ids.next(), id, amount, status, failure, reference, givenBackAtProvider],
  });
  return rows[0]!;
}
