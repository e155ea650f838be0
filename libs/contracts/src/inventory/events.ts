import { z } from 'zod';
import { defineEvent } from '../event';
import { Id, Sku } from '../primitives';

export const stockDepleted = defineEvent({
  type: 'stock.depleted.v1',
  source: 'inventory',
  description: 'Nothing of a SKU is available any more.',
  data: z.object({ sku: Sku }),
});

export const stockReplenished = defineEvent({
  type: 'stock.replenished.v1',
  source: 'inventory',
  description: 'A SKU is available again.',
  data: z.object({ sku: Sku }),
});

export const reservationExpired = defineEvent({
  type: 'reservation.expired.v1',
  source: 'inventory',
  description: 'A reservation outlived its time and its stock was released.',
  data: z.object({ reservationId: Id, orderId: Id }),
});
