import { constant, ramp } from '../arrivals';
import { availableOf, type Product } from '../catalog';
import { order, type World } from '../journeys';
import { failures, p99 } from '../thresholds';
import type { Scenario } from './scenario';

export const flashSale: Scenario = {
  name: 'flash-sale',
  about: 'within seconds everybody orders the same product, of which there is not enough',
  defaults: { rate: 30, seconds: 30 },
  stages: (rate, seconds) => [ramp(1, rate, seconds / 6), constant(rate, (seconds * 5) / 6)],
  buyers: 1,
  thresholds: [p99('order', 1_600), p99('settled', 60_000), failures(0.001)],
  async begin(world) {
    const { product, pieces } = await scarceProduct(world);
    return {
      journey: (dueAt, index) => order(world, dueAt, index, product),
      async check(shop) {
        const sold = world.measurements.operation('settled').counts.ok;
        const left = await availableOf(shop, product.sku);
        const problems = [];
        if (sold > pieces)
          problems.push(`${sold} pieces of ${product.sku} were sold, but there were ${pieces}.`);
        if (left < 0) problems.push(`${product.sku} has ${left} pieces left.`);
        return problems;
      },
    };
  },
};

const looksAt = 30;
const least = 20;

/** Of some products the one with the fewest pieces, but enough for a sale. */
async function scarceProduct({ shop, products }: World): Promise<{ product: Product; pieces: number }> {
  let found: { product: Product; pieces: number } | undefined;
  for (const product of products.slice(0, looksAt)) {
    const pieces = await availableOf(shop, product.sku);
    if (pieces >= least && pieces < (found?.pieces ?? Infinity)) found = { product, pieces };
  }
  if (!found)
    throw new Error(`No product with ${least} pieces was found; npm start -- --fresh fills the shop.`);
  return found;
}
