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

/** A batch of the catalog for the index. */
export interface ListingPage {
  readonly entries: readonly Entry[];
  /** Of those with known stock. */
  readonly stock: readonly StockLevel[];
  /** Start of the next page; null after the last. */
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

/** Reads a page of the catalog, in the order of ids, with the known stock. @throws when product is unavailable */
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
            // Products without known stock can be found anyway, and inventory's events will update them.
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
