import type { Clock } from '@bulkhead/resilience/clock';
import { problem, PeerUnavailable, type ProblemError } from '@bulkhead/service/errors';
import type { PeerPolicies } from '@bulkhead/service/http/peer-policies';

/** How long inventory counts as away after a call could not be sent; recovery's own tries tell sooner. */
const awayMs = 2_000;

/** What a new order may expect of the peers, before anything is asked or written. */
export interface PeerHealth {
  /** Told how reservations went. */
  readonly inventoryWatch: { seen(error?: unknown): void };
  /** @throws ProblemError `unavailable` while inventory is known to be away: nothing is written then */
  requireInventory(): void;
  /** Would a buyer only wait for payment in vain? */
  paymentIsStruggling(): boolean;
}

export function createPeerHealth({
  inventory,
  payment,
  clock,
  budgetMs,
}: {
  readonly inventory: PeerPolicies;
  readonly payment: PeerPolicies;
  readonly clock: Clock;
  /** ms that a buyer waits at most. */
  readonly budgetMs: number;
}): PeerHealth {
  let awayUntil = -Infinity;
  const unavailable = (retryAfterMs: number): ProblemError =>
    problem('unavailable', {
      detail: 'Orders cannot be taken at the moment; nothing was ordered.',
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    });

  return {
    inventoryWatch: {
      seen(error) {
        const away = error instanceof PeerUnavailable && error.outcome === 'not-sent';
        awayUntil = away ? clock.monotonic() + awayMs : -Infinity;
      },
    },
    requireInventory() {
      const restMs = awayUntil - clock.monotonic();
      if (restMs > 0) throw unavailable(restMs);
      if (!inventory.breaker.admits()) throw unavailable(inventory.breaker.rejection().retryAfterMs);
    },
    paymentIsStruggling() {
      const { breaker, bulkhead } = payment;
      const p95Ms = breaker.recentP95Ms() ?? 0;
      return !breaker.admits({ allowProbe: false }) || bulkhead.queued > 0 || p95Ms > budgetMs;
    },
  };
}
