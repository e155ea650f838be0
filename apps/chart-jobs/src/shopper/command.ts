import { loadConfig, url } from '@bulkhead/service/config';
import { z } from 'zod';
import { buy } from './buy';
import { createShop } from './shop';

const ShopperConfig = z.object({
  SHOP_URL: url('http', 'https').describe('where the gateway listens'),
});

/** `shopper`: the walk of `helm test` and `skaffold verify`. */
export async function buySomething(environment: NodeJS.ProcessEnv): Promise<void> {
  const { SHOP_URL } = loadConfig(ShopperConfig, environment);
  await buy(createShop(SHOP_URL), (line) => process.stdout.write(`${line}\n`));
}
