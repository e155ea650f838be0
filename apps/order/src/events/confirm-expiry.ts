import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { reservationExpired } from '@bulkhead/contracts/inventory/events';
import type { Subscription } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Client } from '@bulkhead/service/http/client';
import { confirmWithOwner } from '@bulkhead/service/http/confirm-with-owner';

/**
 * Asks inventory whether a reservation has really expired before its order expires: that is irreversible. A reservation
 * that was released meanwhile was released by the order itself; its state takes that into account.
 */
export const confirmExpiry = (
  subscription: Subscription,
  {
    inventory,
    clock,
  }: { readonly inventory: Pick<Client<typeof inventoryInternal>, 'get'>; readonly clock: Clock },
): Subscription =>
  confirmWithOwner(subscription, {
    event: reservationExpired,
    owner: 'inventory',
    clock,
    async refute({ orderId }, context) {
      const { state } = (await inventory.get({ params: { orderId } }, context)).body;
      if (state === 'expired' || state === 'released') return undefined;
      return `not-expired: to inventory the reservation is ${state ?? 'unknown'}`;
    },
  });
