import { ConfigError, toggle } from '@bulkhead/service/config';
import type { Mode } from '@bulkhead/service/service';
import { z } from 'zod';

export const ProductConfig = z.object({
  SEED: toggle('off').describe('fill the catalog with example products at start: on or off'),
});

/** @throws ConfigError if example products would be added to a production shop */
export function refuseSeedInProduction(seed: boolean, mode: Mode): void {
  if (seed && mode === 'production')
    throw new ConfigError(
      'SEED is on, but example products are refused where NODE_ENV=production; set it to off.',
    );
}
