import type { PaymentDetails } from '@bulkhead/contracts/payment/api';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { PaymentDatabase } from '../database';
import type { AttemptOutcome, ProviderOperation } from '../payments/attempts';
import { toDispute, toDisputeRow } from '../payments/disputes';
import { toPayment } from '../payments/payment';
import { toRefund, toRefundRow } from '../payments/refunds';
import { toPaymentResponse } from './search';

const maxShown = 100;

/** A payment with its refunds and the calls to the provider. @throws ProblemError not-found */
export async function getDetails(
  { prisma }: PaymentDatabase,
  paymentId: string,
): Promise<z.input<typeof PaymentDetails>> {
  const payment = await prisma.payment.findUnique({ where: { id: paymentId } });
  if (!payment) throw problem('not-found', 'There is no such payment.');
  const newestFirst = {
    where: { paymentId },
    orderBy: { id: 'desc' },
    take: maxShown,
  } as const;
  const refunds = await prisma.refund.findMany(newestFirst);
  const disputes = await prisma.dispute.findMany({ ...newestFirst, orderBy: { openedAt: 'desc' } });
  const attempts = await prisma.providerAttempt.findMany(newestFirst);
  return {
    ...toPaymentResponse(toPayment(payment)),
    refunds: refunds.map((refund) => toRefund(toRefundRow(refund), payment.currency)),
    disputes: disputes.map((dispute) => toDispute(toDisputeRow(dispute))),
    attempts: attempts.map(({ operation, outcome, startedAt, finishedAt }) => ({
      operation: operation as ProviderOperation,
      outcome: outcome as AttemptOutcome | null,
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
    })),
  };
}
