import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { productInternal } from '@bulkhead/contracts/product/api';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';
import type { Logger } from '@bulkhead/telemetry/logger';
import { type Entry, toEntry, toTombstone } from '../index/entry';

const callTimeoutMs = 5_000;

export interface StockLevel {
  readonly sku: string;
  readonly in_stock: boolean;
  readonly version: number;
}

/** A piece of the catalog as the index wants it. */
export interface ListingPage {
  readonly entries: readonly Entry[];
  /** Of those whose stock inventory could tell. */
  readonly stock: readonly StockLevel[];
  /** Where the next page begins; null after the last. */
  readonly nextAfter: string | null;
}

export interface ListingDependencies {
  readonly product: Client<typeof productInternal>;
  readonly inventory: Client<typeof inventoryInternal>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly pageSize: number;
}

/** Reads a page of the catalog, in the order of ids, with what is known of its stock. @throws when product is away */
export async function readListing(
  { product, inventory, clock, ids, logger, pageSize }: ListingDependencies,
  after: string | undefined,
): Promise<ListingPage> {
  const context = (): CallContext => ({
    requestId: ids.next(),
    deadline: deadlineAfter(clock, callTimeoutMs),
  });
  const { body } = await product.replay({ query: { after, limit: pageSize } }, context());
  const skus = body.items.filter(({ deleted }) => !deleted).map(({ sku }) => sku);
  const stock =
    skus.length === 0
      ? []
      : await inventory.availability({ body: { skus } }, context()).then(
          ({ body: { items } }) =>
            items.map(({ sku, available, version }) => ({ sku, in_stock: available > 0, version })),
          (error: unknown) => {
            // Products without known stock can be found all the same, and inventory's events go on telling.
            logger.warn({ operation: 'rebuild', error }, 'stock is unavailable for this page of the rebuild');
            return [];
          },
        );
  return {
    entries: body.items.map((item) =>
      item.deleted ? toTombstone(item.productId, item.sku, item.version) : toEntry(item, item.version),
    ),
    stock,
    nextAfter: body.nextAfter,
  };
}
