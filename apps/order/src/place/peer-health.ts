import type { Clock } from '@bulkhead/resilience/clock';
import { problem, PeerUnavailable, type ProblemError } from '@bulkhead/service/errors';
import type { PeerPolicies } from '@bulkhead/service/http/peer-policies';
import type { RunResult } from '../saga/runner';
import { createPaymentOutlook, type PaymentEnd } from './payment-outlook';

/** How long inventory counts as away after a call could not be sent; recovery's own tries tell sooner. */
const unavailableMs = 2_000;

/** What a new order may expect of the peers, before anything is asked or written. */
export interface PeerHealth {
  /** Told how reservations went. */
  readonly inventoryWatch: { seen(error?: unknown): void };
  /** @throws ProblemError `unavailable` while inventory is known to be away: nothing is written then */
  requireInventory(): void;
  /** Follows the payment of one order, so that later buyers know what to expect. */
  watchPayment(): PaymentWatch;
  /** Would a buyer who waits for `waitMs` most likely not hear how their payment went? */
  waitingIsInVain(waitMs: number): boolean;
}

export interface PaymentWatch {
  /** The stock is safe and payment is asked; without this the order says nothing of payments. */
  begins(): void;
  /** The run of its saga has ended, or broke off. */
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
