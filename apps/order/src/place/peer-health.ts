import type { Clock } from '@bulkhead/resilience/clock';
import { problem, PeerUnavailable, type ProblemError } from '@bulkhead/service/errors';
import type { PeerPolicies } from '@bulkhead/service/http/peer-policies';
import type { RunResult } from '../saga/runner';
import { createPaymentOutlook, type PaymentEnd } from './payment-outlook';

/**
 * How long inventory counts as unavailable after a call could not be sent; recovery's own attempts may find out sooner.
 */
const unavailableMs = 2_000;

/** What a new order can expect of the peers, before any call or write. */
export interface PeerHealth {
  /** Receives the outcomes of reservations. */
  readonly inventoryWatch: { seen(error?: unknown): void };
  /** @throws ProblemError `unavailable` while inventory is known to be unavailable: nothing is written then */
  requireInventory(): void;
  /** Tracks the payment of one order for predictions about later ones. */
  watchPayment(): PaymentWatch;
  /** Whether a buyer who waits for `waitMs` would most likely not learn the outcome of their payment. */
  waitingIsInVain(waitMs: number): boolean;
}

export interface PaymentWatch {
  /** The stock is reserved and payment is called; without this the order says nothing about payments. */
  begins(): void;
  /** The saga's run has ended or was aborted. */
  ends(result: RunResult | undefined): void;
}

export function createPeerHealth({
  inventory,
  payment,
  clock,
}: {
  readonly inventory: PeerPolicies;
  readonly payment: PeerPolicies;
  readonly clock: Clock;
}): PeerHealth {
  const outlook = createPaymentOutlook(clock);
  let unavailableUntil = -Infinity;
  const unavailable = (retryAfterMs: number): ProblemError =>
    problem('unavailable', {
      detail: 'Orders cannot be placed at the moment. Nothing was ordered.',
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    });

  return {
    inventoryWatch: {
      seen(error) {
        const away = error instanceof PeerUnavailable && error.outcome === 'not-sent';
        unavailableUntil = away ? clock.monotonic() + unavailableMs : -Infinity;
      },
    },
    requireInventory() {
      const restMs = unavailableUntil - clock.monotonic();
      if (restMs > 0) throw unavailable(restMs);
      if (!inventory.breaker.admits()) throw unavailable(inventory.breaker.rejection().retryAfterMs);
    },
    watchPayment() {
      let end: ((ended: PaymentEnd) => void) | undefined;
      return {
        begins: () => void (end ??= outlook.begin()),
        ends: (result) => end?.(result ? endOf[result.kind] : 'taken-over'),
      };
    },
    waitingIsInVain(waitMs) {
      const { breaker, bulkhead } = payment;
      return !breaker.admits({ allowProbe: false }) || bulkhead.queued > 0 || outlook.isBleak(waitMs);
    },
  };
}

const endOf: Readonly<Record<RunResult['kind'], PaymentEnd>> = {
  ended: 'answered',
  'waits-for-buyer': 'answered',
  waits: 'unanswered',
  failed: 'unanswered',
  lost: 'taken-over',
};
