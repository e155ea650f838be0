import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { GuardedProvider } from '../providers/guard';
import type { ProviderCharge } from '../providers/provider';
import { earlierAttempts, type ProviderOperation } from './attempts';
import type { Move } from './decide';
import type { Payment } from './payment';
import { refuseRefund } from './record-refund';
import { askedOf, refundsOf } from './refunds';

/** A call to the provider. */
export interface PlannedOperation {
  readonly name: ProviderOperation;
  /**
   * Prefix of idempotency keys, made of the order id and the operation, so that a retry after a crash uses the same
   * key.
   */
  readonly purpose: string;
  call(provider: GuardedProvider, idempotencyKey: string, signal: AbortSignal): Promise<ProviderCharge>;
  /** Whether the provider is working on it or has finished, according to a look-up before the call. */
  isSettledBy(charge: ProviderCharge): boolean;
}

/** The key under which the money of an order is captured: the same for every attempt. */
export type CaptureKey = (orderId: string) => string;

export const stableCaptureKey: CaptureKey = (orderId) => `${orderId}:capture`;

/**
 * The next operation for a payment's status. 'look': only the buyer or a bank can move it, so check whether they have.
 * 'nothing-was-asked': a void before any authorisation could have reached the provider.
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
      // An authorisation whose response was lost may still reach the provider, even after a look-up that found nothing.
      // Repeating it with its key settles it; then there is something to void, or certainly nothing.
      return (await earlierAttempts(database, payment.id, authoriseKey(payment.orderId))).mayHaveActed
        ? authorise(payment)
        : 'nothing-was-asked';
    case 'refunding': {
      const refund = askedOf(await refundsOf(database, payment.id));
      // All are accepted: the outcome is up to the banks.
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
    // A created charge is confirmed by a separate call.
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
 * The move for a definite refusal, if the provider's state of the charge did not cause one.
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
      // It still holds the money, so the only way is to try again.
      return undefined;
  }
}
