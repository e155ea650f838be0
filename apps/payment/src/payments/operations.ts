import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { GuardedProvider } from '../providers/guard';
import type { ProviderCharge } from '../providers/provider';
import { earlierAttempts, type ProviderOperation } from './attempts';
import type { Move } from './decide';
import type { Payment } from './payment';
import { refuseRefund } from './record-refund';
import { askedOf, refundsOf } from './refunds';

/** Something to ask of the provider. */
export interface PlannedOperation {
  readonly name: ProviderOperation;
  /**
   * Begins the keys that make asking twice the same as once. Made of the order id and the operation, so that whoever
   * repeats it after a crash finds the same.
   */
  readonly purpose: string;
  call(provider: GuardedProvider, idempotencyKey: string, signal: AbortSignal): Promise<ProviderCharge>;
  /** Is the provider at it or done with it, as it was looked up before asking again? */
  isSettledBy(charge: ProviderCharge): boolean;
}

/** The key under which the money of an order is captured: the same however often it is asked for. */
export type CaptureKey = (orderId: string) => string;

export const stableCaptureKey: CaptureKey = (orderId) => `${orderId}:capture`;

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
        return onCharge(payment, 'void', payment.amount, voidKey(payment.orderId));
      // An authorisation whose response was lost may still arrive at the provider, even after a lookup that found nothing.
      // Asking again with its key settles it for good; then there is something to void, or certainly nothing.
      return (await earlierAttempts(database, payment.id, authoriseKey(payment.orderId))).mayHaveActed
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

export const authoriseKey = (orderId: string): string => `${orderId}:authorise`;
export const voidKey = (orderId: string): string => `${orderId}:void`;

function authorise(payment: Payment): PlannedOperation {
  const { orderId, amount, currency, paymentMethod, providerReference: reference } = payment;
  if (paymentMethod === null) throw new Error('the means of payment is gone before the provider answered');
  return {
    name: 'authorise',
    // A charge that was created is confirmed by a call of its own.
    purpose: reference === null ? authoriseKey(orderId) : `${orderId}:confirm`,
    call: (provider, idempotencyKey, signal) =>
      provider.authorise({ orderId, amount, currency, paymentMethod, reference, idempotencyKey }, signal),
    isSettledBy: ({ status }) => status !== 'created',
  };
}

function onCharge(
  payment: Payment,
  name: 'capture' | 'void' | 'refund',
  amount: number,
  purpose: string,
  refundId = '',
): PlannedOperation {
  const { orderId, currency, providerReference: reference } = payment;
  if (reference === null) throw new Error(`there is no charge to ${name}`);
  return {
    name,
    purpose,
    call: (provider, idempotencyKey, signal) =>
      provider[name]({ orderId, reference, amount, currency, idempotencyKey, refundId }, signal),
    isSettledBy: ({ status, refunds }) =>
      status === 'processing' ||
      (name === 'refund' && refunds.some((refund) => refund.refundId === refundId)),
  };
}

/**
 * The move that a definite refusal makes, where what the provider has did not make one.
 * @param charge as it was looked up after the refusal
 */
export async function refused(
  tx: Transaction,
  payment: Payment,
  operation: ProviderOperation,
  reason: string,
  charge: ProviderCharge | undefined,
): Promise<Move | undefined> {
  switch (operation) {
    case 'authorise':
      if (payment.providerReference !== null && charge?.status !== 'created') return undefined;
      return payment.status === 'voiding' ? { to: 'voided' } : { to: 'declined', reason };
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
