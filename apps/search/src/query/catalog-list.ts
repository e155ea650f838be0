import type { productApi } from '@bulkhead/contracts/product/api';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { SearchHit } from '@bulkhead/contracts/search/api';

export type Catalog = Client<Pick<typeof productApi, 'listProducts'>>;

export interface CatalogPage {
  readonly items: SearchHit[];
  /** Product's cursor of the next page, or null on the last. */
  readonly cursor: string | null;
}

/** Product's plain list, newest first, as hits. @throws what a call to a peer throws */
export async function listCatalog(
  catalog: Catalog,
  query: {
    readonly category?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
  context: CallContext,
): Promise<CatalogPage> {
  const { body } = await catalog.listProducts({ query }, context);
  return {
    items: body.items.map(({ productId, sku, slug, name, description, category, price, imageUrl }) => ({
      productId,
      sku,
      slug,
      name,
      description,
      category,
      price,
      imageUrl,
      inStock: null,
    })),
    cursor: body.next === null ? null : new URL(body.next, 'http://product').searchParams.get('cursor'),
  };
}
