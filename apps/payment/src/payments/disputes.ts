import type { Dispute } from '@bulkhead/contracts/payment/api';
import type { Queryable, Transaction } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { Dispute as StoredDispute } from '../generated/prisma/client';
import type { ProviderDispute } from '../providers/provider';
import type { RecordDependencies } from './apply-move';
import { flagForAttention } from './attention';
import type { Payment } from './payment';

interface DisputeRow extends ProviderDispute {
  readonly openedAt: Date;
  readonly updatedAt: Date;
}

const disputeColumns = `reference, amount, reason, status, is_refundable as "isRefundable", opened_at as "openedAt",
  updated_at as "updatedAt"`;

/** In these an operator can act, or the shop has lost money. */
const wantsPerson = new Set<ProviderDispute['status']>(['inquiry', 'open', 'lost']);

/**
 * Stores the provider's reports of a payment's disputes. Each new one, and each new status, is logged and counted; an
 * operator has to look at one that was opened or lost. The ledger does not follow: money taken by the bank is between
 * the shop and the provider until somebody books it.
 */
export async function recordDisputes(
  tx: Transaction,
  payment: Payment,
  told: readonly ProviderDispute[],
  { logger, money }: RecordDependencies,
): Promise<void> {
  for (const dispute of told) {
    const { reference: providerReference, amount: amountMinor, reason, status: state } = dispute;
    if (!(await save(tx, payment, dispute))) continue;
    const isUrgent = wantsPerson.has(state);
    if (isUrgent) await flagForAttention(tx, payment.id, 'disputed');
    const { id: paymentId, orderId, currency } = payment;
    tx.afterCommit(() => {
      money.disputed(state);
      logger[isUrgent ? 'error' : 'info'](
        { paymentId, orderId, providerReference, state, reason, amountMinor, currency },
        isUrgent ? 'payment needs attention: it is disputed' : 'a dispute has ended',
      );
    });
  }
}

/** @returns whether the status is new */
async function save(
  tx: Transaction,
  { id, provider }: Payment,
  { reference, amount, reason, status, isRefundable }: ProviderDispute,
): Promise<boolean> {
  // The client cannot keep the time of an existing row, nor return its previous value.
  const { rows } = await tx.query<{ before: string | null }>({
    name: 'dispute-save',
    text: `with before as (select status from disputes where provider = $1 and reference = $2)
      insert into disputes (provider, reference, payment_id, amount, reason, status, is_refundable)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (provider, reference) do update set amount = $4, reason = $5, status = $6, is_refundable = $7,
        updated_at = case when disputes.status = $6 then disputes.updated_at else now() end
      returning (select status from before) as before`,
    values: [provider, reference, id, amount, reason, status, isRefundable],
  });
  return rows[0]!.before !== status;
}

/**
 * Refunding a charge whose money the bank has taken, or is about to, would pay the buyer twice. Allowed if the provider
 * still accepts the refund, which then counts towards the dispute, and after the dispute was won.
 * @throws ProblemError conflict
 */
export async function refuseWhileDisputed(db: Queryable, { id, status }: Payment): Promise<void> {
  // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
  const { rows } = await db.query<DisputeRow>({
    name: 'dispute-in-the-way',
    text: `select ${disputeColumns} from disputes
      where payment_id = $1 and status in ('inquiry', 'open', 'lost') and not is_refundable
      order by opened_at limit 1`,
    values: [id],
  });
  const dispute = rows[0];
  if (!dispute) return;
  throw problem('conflict', {
    detail:
      dispute.status === 'lost'
        ? `The payment is disputed (${dispute.reference}) and the money has been returned to the buyer. A refund would pay the buyer twice.`
        : `The payment is disputed (${dispute.reference}). A refund would pay the buyer twice; wait until the dispute is decided, or accept it at the provider.`,
    extensions: { paymentStatus: status, reason: 'disputed', dispute: toDispute(dispute) },
  });
}

/** A dispute as the client reads it. */
export const toDisputeRow = (row: StoredDispute): DisputeRow => ({
  ...row,
  amount: Number(row.amount),
  status: row.status as DisputeRow['status'],
});

export const toDispute = ({
  openedAt,
  updatedAt,
  reference,
  amount,
  reason,
  status,
}: DisputeRow): Dispute => ({
  reference,
  amount,
  reason,
  status,
  openedAt: openedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
