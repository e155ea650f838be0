import type { DataOf } from '@bulkhead/contracts/event';
import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { reservationExpired } from '@bulkhead/contracts/inventory/events';
import { PoisonMessage, type Subscription } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Client } from '@bulkhead/service/http/client';
import { askPeer } from '@bulkhead/service/http/ask-peer';

/**
 * Has inventory asked whether a reservation really ran out, before its order expires: an order does not come back, and an
 * event does not prove who sent it. One that was released meanwhile is the order's own doing; its state knows.
 */
export const confirmExpiry = (
  subscription: Subscription,
  dependencies: { readonly inventory: Pick<Client<typeof inventoryInternal>, 'get'>; readonly clock: Clock },
): Subscription => ({
  ...subscription,
  async confirm(event) {
    if (event.type !== reservationExpired.type) return;
    const { orderId } = event.data as DataOf<typeof reservationExpired>;
    const { inventory, clock } = dependencies;
    const { body } = await askPeer('inventory', { clock, requestId: event.id }, (context) =>
      inventory.get({ params: { orderId } }, context),
    );
    if (body.state !== 'expired' && body.state !== 'released')
      throw new PoisonMessage(`not-expired: to inventory the reservation is ${body.state ?? 'unknown'}`);
  },
});
