import type { PaymentDetails } from '@bulkhead/contracts/payment/api';
import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { AttemptOutcome, ProviderOperation } from '../payments/attempts';
import { disputesOf } from '../payments/disputes';
import { type Payment, paymentColumns } from '../payments/payment';
import { refundColumns, type RefundRow, toRefund } from '../payments/refunds';
import { toAnswer } from './search';

const mostShown = 100;

interface AttemptRow {
  readonly operation: ProviderOperation;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: AttemptOutcome | null;
}

/** A payment with its refunds and the calls to the provider. @throws ProblemError not-found */
export async function getDetails(
  database: Queryable,
  paymentId: string,
): Promise<z.input<typeof PaymentDetails>> {
  const values = [paymentId];
  const payments = await database.query<Payment>({
    text: `select ${paymentColumns} from payments where id = $1`,
    values,
  });
  const payment = payments.rows[0];
  if (!payment) throw problem('not-found', 'There is no such payment.');
  const refunds = await database.query<RefundRow>({
    text: `select ${refundColumns} from refunds where payment_id = $1 order by id desc limit ${mostShown}`,
    values,
  });
  const attempts = await database.query<AttemptRow>({
    text: `select operation, started_at as "startedAt", finished_at as "finishedAt", outcome
      from provider_attempts where payment_id = $1 order by id desc limit ${mostShown}`,
    values,
  });
  return {
    ...toAnswer(payment),
    refunds: refunds.rows.map((refund) => toRefund(refund, payment.currency)),
    disputes: await disputesOf(database, paymentId),
    attempts: attempts.rows.map(({ operation, outcome, startedAt, finishedAt }) => ({
      operation,
      outcome,
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
    })),
  };
}
