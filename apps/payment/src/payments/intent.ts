import type { Database } from '@bulkhead/database/database';
import type { LeaseRequest } from './lease';
import { beginOnCharges, openPayments } from './intent.sql';
import type { Payment } from './payment';

/** Written before the provider is called: the caller, and its key. */
export interface Intent extends LeaseRequest {
  /** The id of the attempt. */
  readonly attempt: string;
  readonly idempotencyKey: string;
}

export interface NewPayment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly intent: Intent;
}

/** Creates payments in one statement. @returns each as it was written; undefined if the order had one */
export async function writeNewPayments(
  database: Database,
  payments: readonly NewPayment[],
): Promise<(Payment | undefined)[]> {
  const of = <T>(value: (payment: NewPayment) => T): T[] => payments.map(value);
  const { leaseMs, provider } = payments[0]!.intent;
  const { rows } = await database.query<Payment>({
    ...openPayments,
    values: [
      of(({ id }) => id),
      of(({ orderId }) => orderId),
      of(({ userId }) => userId),
      of(({ currency }) => currency),
      of(({ amount }) => amount),
      of(({ paymentMethod }) => paymentMethod),
      of(({ intent }) => intent.lease),
      of(({ intent }) => intent.attempt),
      of(({ intent }) => intent.idempotencyKey),
      provider,
      leaseMs,
    ],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return of(({ id }) => byId.get(id));
}

/** To capture or void the authorised money of an order. */
export interface Beginning {
  readonly orderId: string;
  readonly operation: 'capture' | 'void';
  readonly intent: Intent;
}

const statusOf = { capture: 'capturing', void: 'voiding' } as const;

/** Starts such charges in one statement. @returns each payment as it is then; undefined if no money is authorised */
export async function writeBeginnings(
  database: Database,
  beginnings: readonly Beginning[],
): Promise<(Payment | undefined)[]> {
  const of = <T>(value: (beginning: Beginning) => T): T[] => beginnings.map(value);
  const { leaseMs, provider } = beginnings[0]!.intent;
  const { rows } = await database.query<Payment & { readonly attempt: string }>({
    ...beginOnCharges,
    values: [
      of(({ orderId }) => orderId),
      of(({ operation }) => statusOf[operation]),
      of(({ operation }) => operation),
      of(({ intent }) => intent.lease),
      of(({ intent }) => intent.attempt),
      of(({ intent }) => intent.idempotencyKey),
      provider,
      leaseMs,
    ],
  });
  const byAttempt = new Map(rows.map(({ attempt, ...payment }) => [attempt, payment]));
  return of(({ intent }) => byAttempt.get(intent.attempt));
}
