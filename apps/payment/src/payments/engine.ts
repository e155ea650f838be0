import type { Deadline } from '@bulkhead/resilience/deadline';
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
  /** Moves on what is due: in between for too long, or left by a crash. A batch at a time, until nothing more is. */
  reconcile(signal: AbortSignal): Promise<void>;
  /** Waits for what is on its way, once `shutdown` has aborted its calls. */
  stop(): Promise<void>;
}

export interface EngineOptions extends DriveDependencies {
  readonly clock: Clock;
  /** Longest call to the provider, in ms. */
  readonly callTimeoutMs: number;
}

/** Payments that the reconciler has in hand: few enough to leave most of the provider's places to buyers. */
const batchSize = 10;
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
    async reconcile(signal) {
      let due: Payment[];
      do {
        const lease = newLease();
        due = await claimDuePayments(database, batchSize, lease);
        await Promise.all(due.map((payment) => start(payment, lease)));
      } while (due.length === batchSize && !signal.aborted);
    },
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
