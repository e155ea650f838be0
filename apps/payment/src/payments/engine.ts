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

/** Advances payments, for requests and for the reconciler. */
export interface Engine {
  /** Identifies the next caller of the provider; to be written before `ask`. @param idempotencyKey of the call */
  newIntent(idempotencyKey: string): Intent;
  /**
   * Calls the provider according to the payment's status, under an intent that was written with it, and records the
   * response.
   * @returns the payment when that is done, or when `deadline` is near: the work then continues in the background
   */
  ask(payment: Payment, intent: Intent, deadline: Deadline): Promise<Payment>;
  /**
   * The same for a payment with an older intent: takes its lease first, and does nothing when another runner has it.
   */
  advance(paymentId: string, deadline: Deadline): Promise<Payment>;
  /** Another component, such as a webhook, has moved the payment: callers waiting for it here can stop waiting. */
  moved(paymentId: string): void;
  /** Advances due payments: in between for too long, or left by a crash. */
  readonly reconciler: Worker;
  /** Waits for work in progress, once `shutdown` has aborted its calls. */
  stop(): Promise<void>;
}

export interface EngineOptions extends DriveDependencies {
  readonly clock: Clock;
  /** Timeout of a call to the provider, in ms. */
  readonly callTimeoutMs: number;
}

/** Maximum number of payments in the reconciler: few enough to leave most of the provider's slots to buyers. */
const reconciled = 10;
/** Polling interval for due payments, in ms. */
export const reconcileEveryMs = 1_000;
/** Time reserved for recording an outcome and responding, in ms. */
const answerMs = 300;

export function createEngine(options: EngineOptions): Engine {
  const { database, ids, clock, logger, provider } = options;
  const running = new Set<Promise<unknown>>();
  /** Waiting callers, by payment; an entry is removed with its last caller. */
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

  /** The result of work; undefined when another runner was faster, or `deadline` is near. */
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
