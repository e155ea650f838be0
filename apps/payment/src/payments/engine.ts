import type { Deadline } from '@bulkhead/resilience/deadline';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker, type Worker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import { drive, type DriveDependencies } from './drive';
import { claimDuePayments, claimPayment, type LeaseRequest } from './lease';
import type { Payment } from './payment';

/** Moves payments on, for requests and for the reconciler alike. */
export interface Engine {
  /**
   * Takes the payment's lease and brings it to where it is going; returns when that is done, or when `deadline` is near
   * (the work then goes on by itself), or at once when another is at it.
   */
  advance(paymentId: string, deadline: Deadline): Promise<void>;
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
  const running = new Set<Promise<void>>();
  /** Whoever waits, by payment; entries go with the last of them. */
  const waiting = new Map<string, Set<() => void>>();
  const leaseMs = options.callTimeoutMs + options.timers.leaseMarginMs;
  const newLease = (): LeaseRequest => ({ lease: ids.next(), leaseMs, provider: provider.name });

  const start = (payment: Payment, lease: LeaseRequest): Promise<void> => {
    const work = drive(payment, lease, options)
      .catch((error: unknown) =>
        logger.warn(
          { paymentId: payment.id, orderId: payment.orderId, error },
          'a payment was left for later',
        ),
      )
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  const reconciler = createWorker<{ readonly payment: Payment; readonly lease: LeaseRequest }>({
    name: 'payment.reconcile',
    slots: createSlots(() => reconciled),
    async claim(limit) {
      const lease = newLease();
      const payments = await claimDuePayments(database, limit, lease);
      return payments.map((payment) => ({ payment, lease }));
    },
    work: ({ payment, lease }) => start(payment, lease),
    pollMs: reconcileEveryMs,
    clock,
    logger,
  });

  return {
    async advance(paymentId, deadline) {
      const lease = newLease();
      const payment = await claimPayment(database, paymentId, lease);
      if (!payment) return;
      const work = start(payment, lease);
      const ms = deadline.remainingMs() - answerMs;
      await new Promise<void>((resolve) => {
        const others = waiting.get(paymentId) ?? new Set();
        waiting.set(paymentId, others.add(resolve));
        void within(work, ms, clock).then(() => {
          others.delete(resolve);
          if (others.size === 0) waiting.delete(paymentId);
          resolve();
        });
      });
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

/** Waits for work that goes on regardless, for at most `ms`. */
function within(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  if (ms === Infinity) return work;
  return new Promise((resolve) => {
    const timer = clock.setTimer(resolve, Math.max(0, ms));
    void work.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
