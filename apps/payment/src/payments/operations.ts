import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { GuardedProvider } from '../providers/guard';
import type { ProviderCharge } from '../providers/provider';
import { mayHaveActed, type ProviderOperation } from './attempts';
import type { Move } from './decide';
import type { Payment } from './payment';
import { refuseRefund } from './record-refund';
import { askedOf, refundsOf } from './refunds';

/** Something to ask of the provider, with the key that makes asking twice the same as once. */
export interface PlannedOperation {
  readonly name: ProviderOperation;
  /** Made of the order id and the operation, so that whoever repeats it after a crash finds the same. */
  readonly idempotencyKey: string;
  call(provider: GuardedProvider, signal: AbortSignal): Promise<ProviderCharge>;
  /** Does what the provider has, when looked up before asking again, answer the question? */
  isSettledBy(charge: ProviderCharge, before: Payment, after: Payment): boolean;
}

/** The key under which the money of an order is captured: the same however often it is asked for. */
export type CaptureKey = (orderId: string) => string;

export const stableCaptureKey: CaptureKey = (orderId) => `${orderId}:capture`;

const hasMoved: PlannedOperation['isSettledBy'] = (charge, before, after) =>
  charge.status === 'processing' || after.version !== before.version;

/**
 * What a payment's status asks for next. 'look': only the buyer or a bank can move it, so see whether they have.
 * 'nothing-was-asked': a void that comes before any authorisation could have reached the provider.
 */
export async function nextOperation(
  database: Queryable,
  payment: Payment,
  captureKey: CaptureKey = stableCaptureKey,
): Promise<PlannedOperation | 'look' | 'nothing-was-asked'> {
  switch (payment.status) {
    case 'authorising':
    case 'unknown':
      return authorise(payment);
    case 'capturing':
      return onCharge(payment, 'capture', payment.amount, captureKey(payment.orderId));
    case 'voiding':
      if (payment.providerReference !== null)
        return onCharge(payment, 'void', payment.amount, `${payment.orderId}:void`);
      // An authorisation whose answer was lost may still arrive at the provider, even after a lookup that found nothing.
      // Asking again with its key settles it for good; then there is something to void, or certainly nothing.
      return (await mayHaveActed(database, payment.id, authoriseKey(payment)))
        ? authorise(payment)
        : 'nothing-was-asked';
    case 'refunding': {
      const refund = askedOf(await refundsOf(database, payment.id));
      // All are accepted: what becomes of them is the banks' to say.
      if (!refund) return 'look';
      return onCharge(payment, 'refund', refund.amount, `${payment.orderId}:refund:${refund.id}`, refund.id);
    }
    default:
      return 'look';
  }
}

const authoriseKey = ({ orderId }: Payment): string => `${orderId}:authorise`;

function authorise(payment: Payment): PlannedOperation {
  const { orderId, amount, currency, paymentMethod } = payment;
  const idempotencyKey = authoriseKey(payment);
  if (paymentMethod === null) throw new Error('the means of payment is gone before the provider answered');
  return {
    name: 'authorise',
    idempotencyKey,
    call: (provider, signal) =>
      provider.authorise({ orderId, amount, currency, paymentMethod, idempotencyKey }, signal),
    // Any charge is the answer: even one that has only got as far as being processed.
    isSettledBy: () => true,
  };
}

function onCharge(
  payment: Payment,
  name: 'capture' | 'void' | 'refund',
  amount: number,
  idempotencyKey: string,
  refundId = '',
): PlannedOperation {
  const { orderId, providerReference: reference } = payment;
  if (reference === null) throw new Error(`there is no charge to ${name}`);
  const request = { orderId, reference, amount, idempotencyKey, refundId };
  return {
    name,
    idempotencyKey,
    call: (provider, signal) => provider[name](request, signal),
    isSettledBy: (charge, before, after) =>
      hasMoved(charge, before, after) ||
      (name === 'refund' && charge.refunds.some((refund) => refund.refundId === refundId)),
  };
}

/** The move that a definite refusal makes, where what the provider has did not make one. */
export async function refused(
  tx: Transaction,
  payment: Payment,
  operation: ProviderOperation,
  reason: string,
): Promise<Move | undefined> {
  switch (operation) {
    case 'authorise':
      if (payment.status === 'voiding')
        return payment.providerReference === null ? { to: 'voided' } : undefined;
      return payment.providerReference === null ? { to: 'declined', reason } : undefined;
    case 'capture':
      return { to: 'failed', reason, attention: 'capture-refused' };
    case 'refund': {
      const asked = askedOf(await refundsOf(tx, payment.id));
      return asked && refuseRefund(tx, payment, asked, reason);
    }
    case 'void':
      // It still holds the money, so there is no other end than to ask again.
      return undefined;
  }
}
