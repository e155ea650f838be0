import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { Availability } from '@bulkhead/contracts/product/api';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';

/** Maximum time a product page waits for inventory, ms. */
const budgetMs = 200;

const unknown: Availability = { status: 'unknown', available: null };

/** Asks inventory, with a short timeout. The page does not depend on it: on any failure the result is 'unknown'. */
export async function availabilityOf(
  inventory: Pick<Client<typeof inventoryInternal>, 'availability'>,
  sku: string,
  context: CallContext,
): Promise<Availability> {
  const deadline = context.deadline.shrink(budgetMs);
  try {
    const { body } = await inventory.availability({ body: { skus: [sku] } }, { ...context, deadline });
    const stock = body.items.find((item) => item.sku === sku);
    if (!stock) return unknown;
    return { status: stock.available > 0 ? 'in-stock' : 'out-of-stock', available: stock.available };
  } catch {
    return unknown;
  } finally {
    deadline.dispose();
  }
}
