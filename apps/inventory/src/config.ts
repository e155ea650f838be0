import { ConfigError, integer, toggle } from '@bulkhead/service/config';
import type { Mode } from '@bulkhead/service/service';
import { z } from 'zod';

export const InventoryConfig = z.object({
  SEED: toggle('off').describe('fill the stock of the example products at start: on or off'),
  RESERVATION_BATCH_SIZE: integer(1, 5_000)
    .default(256)
    .describe('maximum number of reservations per transaction'),
  RESERVATION_QUEUE_LIMIT: integer(1, 100_000)
    .default(2_000)
    .describe('maximum number of reservations waiting for the next transaction; further ones get 503'),
});

/** @throws ConfigError when example stock would get into a real shop */
export function refuseSeedInProduction(seed: boolean, mode: Mode): void {
  if (seed && mode === 'production')
    throw new ConfigError(
      'SEED is on, but example stock is refused where NODE_ENV=production; set it to off.',
    );
}
