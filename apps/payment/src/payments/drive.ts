import type { Timers } from '@bulkhead/service/runtime/timers';
import type { GuardedProvider } from '../providers/guard';
import { type ProviderCharge, ProviderRefused, ProviderUnavailable } from '../providers/provider';
import { applyMove } from './apply-move';
import { type Attempt, beginAttempt, finishAttempt } from './attempts';
import type { CrashPoint } from './crash-point';
import type { Move } from './decide';
import { type LeaseRequest, postpone, renewLease } from './lease';
import { type CaptureKey, nextOperation, type PlannedOperation, refused } from './operations';
import type { Payment } from './payment';
import { lockPayment, type RecordingDependencies, recordResponse } from './record';
import { isInBetween } from './transitions';

export interface DriveDependencies extends RecordingDependencies {
  readonly random: () => number;
  readonly provider: GuardedProvider;
  readonly crashPoint: CrashPoint;
  /** Default: stableCaptureKey. */
  readonly captureKey?: CaptureKey;
  /** Aborts when the service stops; the next runner looks up interrupted calls. */
  readonly shutdown: AbortSignal;
  readonly timers: Pick<Timers, 'leaseMarginMs' | 'paymentPauseMs'>;
}

/** More steps than any payment needs in a row; the rest becomes due again. */
const maxSteps = 8;

/**
 * Brings a leased payment to the target of its status: authorised, captured, voided or refunded. Each step makes at
 * most one call with an effect to the provider, and is recorded before the next.
 * @param begun the attempt that was written together with the intent
 * @returns the payment once it rests; undefined if it does not, or another runner has it
 */
export async function drive(
  leased: Payment,
  lease: LeaseRequest,
  dependencies: DriveDependencies,
  begun?: Attempt,
): Promise<Payment | undefined> {
  const { database, random, logger, timers } = dependencies;
  let payment: Payment | undefined = leased;
  let attempt = begun;
  try {
    for (let steps = 0; payment && steps < maxSteps; steps++) {
      const before: Payment = payment;
      const recorded = await step(before, dependencies, attempt);
      // The move used the lease. If nothing has moved, it must be released.
      if (recorded && isAtRest(recorded) && hasProgressed(before, recorded)) return recorded;
      attempt = undefined;
      payment = await renewLease(database, before.id, lease);
      if (payment && !hasProgressed(before, payment)) break;
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailable)) throw error;
  }
  // Still leased: the provider is working on it, could not be called or refused. A payment at rest has no lease any
  // more.
  const postponed =
    payment &&
    (await postpone(database, payment, lease.lease, { random, longestPauseMs: timers.paymentPauseMs }));
  if (postponed?.needsAttention)
    logger.error(
      { paymentId: leased.id, orderId: leased.orderId, state: leased.status },
      'payment needs attention: the provider did not respond',
    );
  return undefined;
}

const hasProgressed = (before: Payment, after: Payment): boolean =>
  before.version !== after.version || before.providerReference !== after.providerReference;

/** Only the buyer can move it, or nothing is left to do: its lease has ended with the move. */
const isAtRest = ({ status }: Payment): boolean => status === 'requires_action' || !isInBetween(status);

/** @returns the payment as it was recorded, if something was */
async function step(
  payment: Payment,
  dependencies: DriveDependencies,
  begun: Attempt | undefined,
): Promise<Payment | undefined> {
  const { database, ids } = dependencies;
  const operation = await nextOperation(database, payment, dependencies.captureKey);
  if (operation === 'look') return (await lookUp(payment, dependencies))?.payment;
  if (operation === 'nothing-was-asked') return moveAsRead(payment, { to: 'voided' }, dependencies);
  if (begun) return perform(payment, operation, begun, dependencies);

  const asked = {
    id: ids.next(),
    paymentId: payment.id,
    operation: operation.name,
    purpose: operation.purpose,
  };
  const attempt = await beginAttempt(database, asked, false);
  if (attempt) return perform(payment, operation, attempt, dependencies);
  const known = await lookUp(payment, dependencies);
  if (known && (hasProgressed(payment, known.payment) || operation.isSettledBy(known.charge)))
    return known.payment;
  return perform(payment, operation, (await beginAttempt(database, asked, true))!, dependencies);
}

/** Queries the provider's state of the charge, and records it. */
async function lookUp(
  payment: Payment,
  dependencies: DriveDependencies,
): Promise<{ readonly charge: ProviderCharge; readonly payment: Payment } | undefined> {
  const { provider, shutdown } = dependencies;
  const { orderId, providerReference: reference } = payment;
  const charge = await provider.lookup({ orderId, reference }, shutdown);
  return charge && { charge, payment: await recordResponse(payment, charge, dependencies) };
}

/** Calls the provider, and records the outcome. */
async function perform(
  payment: Payment,
  operation: PlannedOperation,
  { id: attempt, idempotencyKey }: Attempt,
  dependencies: DriveDependencies,
): Promise<Payment | undefined> {
  const { database, provider, crashPoint, shutdown } = dependencies;
  let charge: ProviderCharge;
  try {
    charge = await operation.call(provider, idempotencyKey, shutdown);
  } catch (error) {
    if (error instanceof ProviderRefused)
      return recordRefusal(payment, operation, attempt, error, dependencies);
    const { outcome, keyIsSpent } =
      error instanceof ProviderUnavailable ? error : new ProviderUnavailable('unknown');
    await finishAttempt(database, attempt, outcome, keyIsSpent);
    if (outcome === 'unknown' && payment.status === 'authorising')
      await moveAsRead(payment, { to: 'unknown' }, dependencies);
    throw error;
  }
  await crashPoint(`${operation.name}-answered`);
  return recordResponse(payment, charge, dependencies, attempt);
}

/** The provider refused: its state of the charge decides, and if there is none, the refusal does. */
async function recordRefusal(
  payment: Payment,
  operation: PlannedOperation,
  attempt: string,
  { reason }: ProviderRefused,
  dependencies: DriveDependencies,
): Promise<Payment | undefined> {
  const { database, logger } = dependencies;
  await finishAttempt(database, attempt, 'refused');
  logger.warn(
    { paymentId: payment.id, orderId: payment.orderId, operation: operation.name, reason },
    'payment provider rejected the call',
  );
  const known = await lookUp(payment, dependencies);
  return database.transaction(async (tx) => {
    const locked = await lockPayment(tx, payment.id);
    const move =
      locked && locked.version === payment.version
        ? await refused(tx, locked, operation.name, reason, known?.charge)
        : undefined;
    return locked && move ? applyMove(tx, locked, move, dependencies) : locked;
  });
}

/**
 * A move without a call to the provider; skipped if the payment has changed meanwhile, or if another runner, whose
 * lease had expired, has learned of a charge.
 */
const moveAsRead = (
  payment: Payment,
  move: Move,
  { batches }: DriveDependencies,
): Promise<Payment | undefined> => batches.moves.submit({ payment, move });
