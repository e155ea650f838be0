import type { Queryable } from '@bulkhead/database/database';
import { attentionAtKept, attentionKept } from './attention';
import { type Payment, paymentColumns } from './payment';
import { inBetween } from './transitions';

/**
 * One caller of the provider per payment: the holder of the lease. A lease and not a lock, so that no transaction is
 * open during a call, and the next runner takes over from a crashed one once the lease has expired (by the database's
 * clock, read when the row is locked: a lease that started with the wait for the row would be too short).
 */
const isFree = `(lease is null or leased_until < clock_timestamp())`;

export interface LeaseRequest {
  readonly lease: string;
  readonly leaseMs: number;
  /** Payments of another provider are ignored. */
  readonly provider: string;
}

/**
 * The component that records work does it immediately; the reconciler only takes over after this time, in case it
 * crashed.
 */
export const graceForAsker = `interval '2 s'`;

/** Takes the lease of a payment with work left. */
export async function claimPayment(
  database: Queryable,
  id: string,
  { lease, leaseMs, provider }: LeaseRequest,
): Promise<Payment | undefined> {
  // The client cannot calculate a time from now, nor decide by the row's own values.
  const { rows } = await database.query<Payment>({
    name: 'payment-claim',
    text: `update payments set lease = $2, leased_until = clock_timestamp() + $3 * interval '1 ms', due_at = now(),
        needs_attention_at = ${attentionAtKept}, attention = ${attentionKept}
      where id = $1 and status = any($4) and provider = $5 and ${isFree} returning ${paymentColumns}`,
    values: [id, lease, leaseMs, inBetween, provider],
  });
  return rows[0];
}

/** Claims due payments: in between for too long, or left by a crash. Replicas claim different ones. */
export async function claimDuePayments(
  database: Queryable,
  limit: number,
  { lease, leaseMs, provider }: LeaseRequest,
): Promise<Payment[]> {
  // The client cannot skip rows that another replica has locked.
  const { rows } = await database.query<Payment>({
    name: 'payment-claim-due',
    text: `update payments set lease = $2, leased_until = clock_timestamp() + $3 * interval '1 ms'
      where id in (
        select id from payments where due_at <= now() and status = any($4) and provider = $5 and ${isFree}
        order by due_at limit $1 for update skip locked)
      returning ${paymentColumns}`,
    values: [limit, lease, leaseMs, inBetween, provider],
  });
  return rows;
}

/** The payment as it is now, with the lease renewed; undefined when the lease was lost or the payment rests. */
export async function renewLease(
  database: Queryable,
  id: string,
  { lease, leaseMs }: LeaseRequest,
): Promise<Payment | undefined> {
  // The client cannot calculate a time from now.
  const { rows } = await database.query<Payment>({
    name: 'payment-renew',
    text: `update payments set leased_until = clock_timestamp() + $3 * interval '1 ms' where id = $1 and lease = $2
      returning ${paymentColumns}`,
    values: [id, lease, leaseMs],
  });
  return rows[0];
}

/** How long attempts continue before an operator has to look. */
const givesUpAfter = `interval '24 hours'`;
/**
 * The same, and the factor by which attempts are rarer, while all refunds are accepted and only the banks are pending.
 */
const givesUpOnBanksAfter = `interval '14 days'`;
const bankPauses = 12;

const waitsForBanks = `status = 'refunding' and not exists (select from refunds
        where payment_id = payments.id and refunds.status = 'pending' and refunds.provider_reference is null)`;
const isHopeless = `waiting_since <= now() - case when ${waitsForBanks} then ${givesUpOnBanksAfter} else ${givesUpAfter} end`;

/**
 * Releases the lease for a later retry: delays double from 1 s up to `longestPauseMs`, and up to 12 times that while
 * only a refund is pending. After 24 h (14 days) there are no more automatic attempts; the payment keeps its status,
 * since the actual one is unknown, and needs attention.
 */
export async function postpone(
  database: Queryable,
  { id, tries }: Payment,
  lease: string,
  { random, longestPauseMs }: { readonly random: () => number; readonly longestPauseMs: number },
): Promise<{ readonly needsAttention: boolean } | undefined> {
  const pauseMs = 1_000 * 2 ** Math.min(tries, 20);
  const share = 0.5 + random() / 2;
  // The client cannot decide by the row's own values, nor calculate with times.
  const { rows } = await database.query<{ needsAttention: boolean }>({
    name: 'payment-postpone',
    text: `update payments set lease = null, leased_until = null, tries = tries + 1,
        due_at = case when not (${isHopeless})
          then now() + case when ${waitsForBanks} then $4::float8 else $3::float8 end * interval '1 ms' end,
        needs_attention_at = coalesce(${attentionAtKept}, case when ${isHopeless} then now() end),
        attention = coalesce(${attentionKept}, case when ${isHopeless} then 'unanswered' end)
      where id = $1 and lease = $2 returning due_at is null as "needsAttention"`,
    values: [
      id,
      lease,
      Math.min(longestPauseMs, pauseMs) * share,
      Math.min(longestPauseMs * bankPauses, pauseMs) * share,
    ],
  });
  return rows[0];
}
