import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import type { Timers } from '@bulkhead/service/runtime/timers';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { GuardedProvider } from '../providers/guard';
import { type ProviderCharge, ProviderRefused, ProviderUnavailable } from '../providers/provider';
import { applyMove } from './apply-move';
import { type AttemptOutcome, beginAttempt, earlierAttempts, finishAttempt } from './attempts';
import type { CrashPoint } from './crash-point';
import { type LeaseRequest, postpone, renewLease } from './lease';
import type { MoneyMetrics } from './money-metrics';
import { type CaptureKey, nextOperation, type PlannedOperation, refused } from './operations';
import type { Payment } from './payment';
import { lockPayment, recordCharge } from './record';

export interface DriveDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
  readonly logger: Logger;
  readonly random: () => number;
  readonly provider: GuardedProvider;
  readonly crashPoint: CrashPoint;
  /** Default: stableCaptureKey. */
  readonly captureKey?: CaptureKey;
  /** Aborts when the service stops; calls cut off by it are looked up by whoever follows. */
  readonly shutdown: AbortSignal;
  readonly timers: Pick<Timers, 'leaseMarginMs' | 'paymentPauseMs'>;
}

/** More steps than any payment needs in a row; what is left is due again. */
const mostSteps = 8;

/**
 * Brings a leased payment to where its status says it is going: authorised, captured, voided or refunded. Each step asks
 * the provider at most one thing that has an effect, and is recorded before the next.
 */
export async function drive(
  leased: Payment,
  lease: LeaseRequest,
  dependencies: DriveDependencies,
): Promise<void> {
  const { database, random, logger, timers } = dependencies;
  let payment: Payment | undefined = leased;
  try {
    for (let steps = 0; payment && steps < mostSteps; steps++) {
      const before: Payment = payment;
      await step(before, dependencies);
      payment = await renewLease(database, before.id, lease);
      if (payment && !hasProgressed(before, payment)) break;
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailable)) throw error;
  }
  // Still leased: the provider is at it, could not be asked or would not. A payment at rest has no lease any more.
  const postponed =
    payment &&
    (await postpone(database, payment, lease.lease, { random, longestPauseMs: timers.paymentPauseMs }));
  if (postponed?.needsAttention)
    logger.error(
      { paymentId: leased.id, orderId: leased.orderId, state: leased.status },
      'payment needs attention: the provider could not be brought to an answer',
    );
}

const hasProgressed = (before: Payment, after: Payment): boolean =>
  before.version !== after.version || before.providerReference !== after.providerReference;

async function step(payment: Payment, dependencies: DriveDependencies): Promise<void> {
  const { database } = dependencies;
  const operation = await nextOperation(database, payment, dependencies.captureKey);
  if (operation === 'look') return void (await lookUp(payment, dependencies));
  if (operation === 'nothing-was-asked') return inTransaction(payment, dependencies, { to: 'voided' });

  const earlier = await earlierAttempts(database, payment.id, operation.purpose);
  if (earlier.hasActed || earlier.mayHaveActed) {
    const known = await lookUp(payment, dependencies);
    if (known && (hasProgressed(payment, known.payment) || operation.isSettledBy(known.charge))) return;
  }
  await perform(payment, operation, earlier.idempotencyKey, dependencies);
}

/** Asks the provider what it has, and records it. */
async function lookUp(
  payment: Payment,
  dependencies: DriveDependencies,
): Promise<{ readonly charge: ProviderCharge; readonly payment: Payment } | undefined> {
  const { provider, shutdown } = dependencies;
  const { orderId, providerReference: reference } = payment;
  const charge = await provider.lookup({ orderId, reference }, shutdown);
  return charge && { charge, payment: await record(payment, charge, dependencies) };
}

async function perform(
  payment: Payment,
  operation: PlannedOperation,
  idempotencyKey: string,
  dependencies: DriveDependencies,
): Promise<void> {
  const { database, provider, crashPoint, shutdown, ids } = dependencies;
  const attempt = ids.next();
  const { name } = operation;
  await beginAttempt(database, { id: attempt, paymentId: payment.id, operation: name, idempotencyKey });
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
      await inTransaction(payment, dependencies, { to: 'unknown' });
    throw error;
  }
  await crashPoint(`${name}-answered`);
  await record(payment, charge, dependencies, { id: attempt, outcome: 'done' });
}

/** The provider would not: what it has instead decides, and where that is nothing, the refusal is the answer. */
async function recordRefusal(
  payment: Payment,
  operation: PlannedOperation,
  attempt: string,
  { reason }: ProviderRefused,
  dependencies: DriveDependencies,
): Promise<void> {
  const { database, logger } = dependencies;
  await finishAttempt(database, attempt, 'refused');
  logger.warn(
    { paymentId: payment.id, orderId: payment.orderId, operation: operation.name, reason },
    'the payment provider refused',
  );
  const known = await lookUp(payment, dependencies);
  await database.transaction(async (tx) => {
    const locked = await lockPayment(tx, payment.id);
    const move =
      locked && locked.version === payment.version
        ? await refused(tx, locked, operation.name, reason, known?.charge)
        : undefined;
    if (locked && move) await applyMove(tx, locked, move, dependencies);
  });
}

const record = (
  { id }: Payment,
  charge: ProviderCharge,
  dependencies: DriveDependencies,
  attempt?: { readonly id: string; readonly outcome: AttemptOutcome },
): Promise<Payment> =>
  dependencies.database.transaction(async (tx) => {
    const locked = await lockPayment(tx, id);
    if (!locked) throw new Error('a payment has disappeared');
    if (attempt) await finishAttempt(tx, attempt.id, attempt.outcome);
    return recordCharge(tx, locked, charge, dependencies);
  });

/**
 * A move that the provider has no part in; left out when the payment has moved meanwhile, or when the provider was heard
 * by another, whose lease had run out: a charge that is known now is no longer nothing.
 */
const inTransaction = (
  payment: Payment,
  dependencies: DriveDependencies,
  move: Parameters<typeof applyMove>[2],
): Promise<void> =>
  dependencies.database.transaction(async (tx) => {
    const locked = await lockPayment(tx, payment.id);
    if (locked && isAsRead(locked, payment)) await applyMove(tx, locked, move, dependencies);
  });

const isAsRead = (locked: Payment, payment: Payment): boolean =>
  locked.version === payment.version && locked.providerReference === payment.providerReference;
