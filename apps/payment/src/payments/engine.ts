import type { Deadline } from '@bulkhead/resilience/deadline';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker, type Worker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import { valueWithin } from '@bulkhead/resilience/timeout';
import type { Attempt } from './attempts';
import { drive, type DriveDependencies } from './drive';
import type { Intent } from './intent';
import { claimDuePayments, claimPayment, type LeaseRequest } from './lease';
import { getById, type Payment } from './payment';

/** Moves payments on, for requests and for the reconciler alike. */
export interface Engine {
  /** Who is about to ask the provider; to be written before `ask`. @param idempotencyKey of the call */
  newIntent(idempotencyKey: string): Intent;
  /**
   * Asks the provider for what the payment's status says, under an intent that was written with it, and records what it
   * responds.
   * @returns the payment as it is when that is done, or when `deadline` is near: the work then goes on by itself
   */
  ask(payment: Payment, intent: Intent, deadline: Deadline): Promise<Payment>;
  /** The same for a payment whose intent is older: takes its lease first, and does nothing when another has it. */
  advance(paymentId: string, deadline: Deadline): Promise<Payment>;
  /** Somebody else has moved the payment, such as a webhook: whoever waits for it here need wait no longer. */
  moved(paymentId: string): void;
  /** Moves on what is due: in between for too long, or left by a crash. */
  readonly reconciler: Worker;
  /** Waits for what is on its way, once `shutdown` has aborted its calls. */
  stop(): Promise<void>;
}

export interface EngineOptions extends DriveDependencies {
  readonly clock: Clock;
  /** Longest call to the provider, in ms. */
  readonly callTimeoutMs: number;
}

/** Payments that the reconciler has in hand: few enough to leave most of the provider's places to buyers. */
const reconciled = 10;
/** Between two looks for payments that are due, in ms. */
export const reconcileEveryMs = 1_000;
/** Time to record an outcome and answer, in ms. */
const answerMs = 300;

export function createEngine(options: EngineOptions): Engine {
  const { database, ids, clock, logger, provider } = options;
  const running = new Set<Promise<unknown>>();
  /** Whoever waits, by payment; entries go with the last of them. */
  const waiting = new Map<string, Set<() => void>>();
  const leaseMs = options.callTimeoutMs + options.timers.leaseMarginMs;
  const newLease = (): LeaseRequest => ({ lease: ids.next(), leaseMs, provider: provider.name });

  const start = (payment: Payment, lease: LeaseRequest, begun?: Attempt): Promise<Payment | undefined> => {
    const work = drive(payment, lease, options, begun)
      .catch((error: unknown) => {
        logger.warn({ paymentId: payment.id, orderId: payment.orderId, error }, 'payment was postponed');
        return undefined;
      })
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  /** What work came to; undefined when somebody else was faster, or `deadline` is near. */
  const whenDone = (paymentId: string, work: Promise<Payment | undefined>, deadline: Deadline) =>
    new Promise<Payment | undefined>((resolve) => {
      const movedElsewhere = () => resolve(undefined);
      const others = waiting.get(paymentId) ?? new Set();
      waiting.set(paymentId, others.add(movedElsewhere));
      void valueWithin(work, deadline.remainingMs() - answerMs, clock).then((payment) => {
        others.delete(movedElsewhere);
        if (others.size === 0) waiting.delete(paymentId);
        resolve(payment);
      });
    });

  const reconciler = createWorker<{ readonly payment: Payment; readonly lease: LeaseRequest }>({
    name: 'payment.reconcile',
    slots: createSlots(() => reconciled),
    async claim(limit) {
      const lease = newLease();
      const payments = await claimDuePayments(database, limit, lease);
      return payments.map((payment) => ({ payment, lease }));
    },
    work: async ({ payment, lease }) => void (await start(payment, lease)),
    pollMs: reconcileEveryMs,
    clock,
    logger,
  });

  return {
    newIntent: (idempotencyKey) => ({ ...newLease(), attempt: ids.next(), idempotencyKey }),
    async ask(payment, intent, deadline) {
      if (payment.provider !== provider.name) return payment;
      const { attempt: id, idempotencyKey } = intent;
      const work = start(payment, intent, { id, idempotencyKey });
      return (await whenDone(payment.id, work, deadline)) ?? getById(database, payment.id);
    },
    async advance(paymentId, deadline) {
      const lease = newLease();
      const claimed = await claimPayment(database, paymentId, lease);
      const recorded = claimed && (await whenDone(paymentId, start(claimed, lease), deadline));
      return recorded ?? getById(database, paymentId);
    },
    moved(paymentId) {
      for (const resolve of waiting.get(paymentId) ?? []) resolve();
    },
    reconciler,
    async stop() {
      await Promise.all(running);
    },
  };
}
