import type { Payment as PaymentAnswer, PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import { type Payment, paymentColumns } from '../payments/payment';

export interface PaymentSearch {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly orderId?: string | undefined;
  readonly status?: PaymentStatus | undefined;
}

/** All payments, newest first: ids are UUIDv7, so their order is that of time. */
export async function searchPayments(database: Queryable, search: PaymentSearch) {
  const { limit, cursor, orderId, status } = search;
  const { rows } = await database.query<Payment>({
    text: `select ${paymentColumns} from payments
      where ($1::uuid is null or id < $1) and ($2::uuid is null or order_id = $2) and ($3::text is null or status = $3)
      order by id desc limit $4`,
    values: [cursor === undefined ? null : decodeCursor(cursor), orderId ?? null, status ?? null, limit + 1],
  });
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(toAnswer),
    next: rows.length > limit ? nextLink(search, shown.at(-1)!.id) : null,
  };
}

export const toAnswer = (payment: Payment): z.input<typeof PaymentAnswer> => {
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

function nextLink({ limit, orderId, status }: PaymentSearch, lastId: string): string {
  const query = new URLSearchParams({ limit: String(limit), cursor: encodeCursor(lastId) });
  if (orderId !== undefined) query.set('orderId', orderId);
  if (status !== undefined) query.set('status', status);
  return `/api/v1/payments?${query.toString()}`;
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
