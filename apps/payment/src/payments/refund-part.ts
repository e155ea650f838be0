import { createHash } from 'node:crypto';
import type { Refund } from '@bulkhead/contracts/payment/api';
import type { Money } from '@bulkhead/contracts/primitives';
import type { Queryable } from '@bulkhead/database/database';
import { isUniqueViolation } from '@bulkhead/database/errors';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { problem } from '@bulkhead/service/errors';
import { lockPayment } from './record';
import { beginRefund, refundById } from './refund-order';
import { askedOf, leftToRefund, refundColumns, type RefundRow, refundsOf, toRefund } from './refunds';
import { type PaymentDependencies, statusConflict } from './use-case';

export interface RefundRequest {
  readonly paymentId: string;
  readonly amount: Money;
  readonly reason?: string | undefined;
  /** The requesting admin, who is the scope of the keys. */
  readonly requestedBy: string;
  readonly idempotencyKey: string;
}

interface KnownRefund extends RefundRow {
  readonly requestHash: string;
  readonly answer: Refund | null;
  readonly mayBeRunning: boolean;
}

/**
 * Refunds a part of a captured payment. The same key gets the same response; if a crash left none, it is created now.
 * @throws ProblemError not-found, conflict, invalid-request, idempotency-key-reused, idempotency-in-progress
 */
export async function refundPart(
  dependencies: PaymentDependencies,
  request: RefundRequest,
  deadline: Deadline,
): Promise<Refund> {
  const { database, engine } = dependencies;
  const requestHash = hashOf(request);
  const known = await findByKey(database, request);
  if (known && known.requestHash !== requestHash) throw problem('idempotency-key-reused');
  if (known?.answer) return known.answer;
  if (known?.mayBeRunning) throw inProgress();

  const refundId = known?.id ?? (await begin(dependencies, request, requestHash).catch(refuseReuse));
  await engine.advance(request.paymentId, deadline);
  const refund = await refundById(database, refundId);
  return keepAnswer(dependencies, refundId, toRefund(refund, request.amount.currency));
}

async function begin(
  dependencies: PaymentDependencies,
  { paymentId, amount, reason, requestedBy, idempotencyKey }: RefundRequest,
  requestHash: string,
): Promise<string> {
  const id = dependencies.ids.next();
  await dependencies.database.transaction(async (tx) => {
    const payment = await lockPayment(tx, paymentId);
    if (!payment) throw problem('not-found', 'There is no such payment.');
    // Another request with this key got the lock first.
    if (await findByKey(tx, { requestedBy, idempotencyKey })) throw inProgress();
    if (payment.captured === 0) throw statusConflict(payment.status, 'Only captured money can be refunded.');
    const refunds = await refundsOf(tx, paymentId);
    if (askedOf(refunds))
      throw statusConflict(payment.status, 'Another refund of this payment is being asked for.');
    if (payment.currency !== amount.currency)
      throw problem('invalid-request', {
        errors: [
          {
            pointer: '/body/amount/currency',
            detail: `must be ${payment.currency}, the currency of the payment`,
          },
        ],
      });
    const left = leftToRefund(payment, refunds);
    if (amount.amount > left)
      throw statusConflict(payment.status, `At most ${left} minor units are left to give back.`);
    const asked = { reason, requestedBy, idempotencyKey, requestHash };
    const refund = { id, amount: amount.amount, origin: 'staff', ...asked } as const;
    await beginRefund(tx, payment, refund, dependencies);
  });
  return id;
}

const inProgress = () => problem('idempotency-in-progress', { headers: { 'retry-after': '1' } });

/** The key was meanwhile used for another payment. */
function refuseReuse(error: unknown): never {
  throw isUniqueViolation(error, 'refunds_idempotency') ? problem('idempotency-key-reused') : error;
}

/** A request without a response for longer has crashed; its key is taken over. */
const runningFor = '60 seconds';

async function findByKey(
  database: Queryable,
  { requestedBy, idempotencyKey }: Pick<RefundRequest, 'requestedBy' | 'idempotencyKey'>,
): Promise<KnownRefund | undefined> {
  // The client cannot compare with a time before now.
  const { rows } = await database.query<KnownRefund>({
    name: 'refund-by-key',
    text: `select ${refundColumns}, request_hash as "requestHash", answer,
        status = 'pending' and created_at > now() - interval '${runningFor}' as "mayBeRunning"
      from refunds where requested_by = $1 and idempotency_key = $2`,
    values: [requestedBy, idempotencyKey],
  });
  return rows[0];
}

/** The first response is kept, also against a concurrent one. */
async function keepAnswer(
  { database }: PaymentDependencies,
  refundId: string,
  response: Refund,
): Promise<Refund> {
  // The client cannot keep an existing value of a row.
  const { rows } = await database.query<{ answer: Refund }>({
    name: 'refund-answer',
    text: `update refunds set answer = coalesce(answer, $2) where id = $1 returning answer`,
    values: [refundId, JSON.stringify(response)],
  });
  return rows[0]!.answer;
}

const hashOf = ({ paymentId, amount, reason }: RefundRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([paymentId, amount.amount, amount.currency, reason ?? null]))
    .digest('base64url');
