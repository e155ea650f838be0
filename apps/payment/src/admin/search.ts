import type { Payment as PaymentResponse, PaymentStatus } from '@bulkhead/contracts/payment/api';
import { problem } from '@bulkhead/service/errors';
import type { NextPage } from '@bulkhead/service/http/cursor';
import type { z } from 'zod';
import type { PaymentDatabase } from '../database';
import { type Payment, toPayment } from '../payments/payment';

export interface PaymentSearch {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly orderId?: string | undefined;
  readonly status?: PaymentStatus | undefined;
}

/** All payments, newest first: ids are UUIDv7, so they sort by time. */
export async function searchPayments({ prisma }: PaymentDatabase, search: PaymentSearch) {
  const { limit, cursor, orderId, status } = search;
  const rows = await prisma.payment.findMany({
    where: {
      ...(cursor !== undefined && { id: { lt: decodeCursor(cursor) } }),
      ...(orderId !== undefined && { orderId }),
      ...(status !== undefined && { status }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const shown = rows.slice(0, limit);
  return {
    items: shown.map((row) => toPaymentResponse(toPayment(row))),
    ...nextPage(search, rows.length > limit ? shown.at(-1)?.id : undefined),
  };
}

export const toPaymentResponse = (payment: Payment): z.input<typeof PaymentResponse> => {
  const { id, orderId, userId, status, reason, provider, currency, version } = payment;
  return {
    id,
    orderId,
    userId,
    status,
    reason,
    provider,
    amount: { amount: payment.amount, currency },
    captured: { amount: payment.captured, currency },
    refunded: { amount: payment.refunded, currency },
    needsAttention: payment.needsAttentionAt !== null,
    attention: payment.attention,
    version,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
};

function nextPage({ limit, orderId, status }: PaymentSearch, lastId: string | undefined): NextPage {
  if (lastId === undefined) return { next: null, nextCursor: null };
  const nextCursor = encodeCursor(lastId);
  const query = new URLSearchParams({ limit: String(limit), cursor: nextCursor });
  if (orderId !== undefined) query.set('orderId', orderId);
  if (status !== undefined) query.set('status', status);
  return { next: `/api/v1/payments?${query.toString()}`, nextCursor };
}

const encodeCursor = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

function decodeCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex);
  if (!parts)
    throw problem('invalid-request', {
      errors: [{ pointer: '/query/cursor', detail: 'must be a cursor from a `next` link' }],
    });
  return parts.slice(1).join('-');
}
