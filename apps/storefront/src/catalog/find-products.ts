import { isProblem } from '../api/problems';
import type { Requests } from '../api/request';
import type { PageOf, Product, SearchHit } from '../api/types';

export const sorts = ['relevance', 'name', 'price', '-price', 'newest'] as const;

export interface Filter {
  readonly q: string | undefined;
  readonly category: string | undefined;
  readonly sort: string | undefined;
  readonly currency?: string | undefined;
  /** Minor units, both inclusive. */
  readonly minPrice?: string | undefined;
  readonly maxPrice?: string | undefined;
  readonly cursor: string | undefined;
}

export interface Found {
  readonly items: readonly (Product | SearchHit)[];
  readonly total: number | null;
  /** The cursor of the next page. */
  readonly next: string | null;
  /** The plain list of the catalog, because search is down: neither sorted nor counted. */
  readonly isPlain: boolean;
  /** The price ranges with their numbers of products. */
  readonly prices: readonly PriceRange[];
}

/** Minor units, `from` inclusive, `to` exclusive; null: no limit. */
export interface PriceRange {
  readonly currency: string;
  readonly from: number;
  readonly to: number | null;
  readonly count: number;
}

interface SearchPage extends PageOf<SearchHit> {
  readonly total: number | null;
  readonly degraded: boolean;
  readonly facets: { readonly prices: readonly PriceRange[] };
}

const perPage = '24';

/** Products by words, category and order; without words the plain catalog stands in for a search that is down. */
export async function findProducts(
  get: Requests['ask'],
  filter: Filter,
  signal: AbortSignal,
): Promise<Found> {
  const { q, category, sort, cursor, currency, minPrice, maxPrice } = filter;
  try {
    const query = queryOf({
      q,
      category,
      currency,
      minPrice,
      maxPrice,
      sort: sort ?? (q ? 'relevance' : 'name'),
      cursor,
      limit: perPage,
    });
    const { items, total, next, degraded, facets } = await get<SearchPage>(`/api/v1/search?${query}`, {
      signal,
    });
    return { items, total, next: cursorOf(next), isPlain: degraded, prices: facets.prices };
  } catch (error) {
    const isDown = isProblem(
      error,
      'unavailable',
      'overloaded',
      'deadline-exceeded',
      'bad-gateway',
      'internal',
    );
    if (q !== undefined || !isDown) throw error;
    // A cursor is only valid for the list that returned it.
    const query = queryOf({ category, limit: perPage });
    const { items, next } = await get<PageOf<Product>>(`/api/v1/products?${query}`, { signal });
    return { items, total: null, next: cursorOf(next), isPlain: true, prices: [] };
  }
}

const queryOf = (members: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();

/** `next` is a path with a query; a page keeps its cursor in its own URL. */
const cursorOf = (next: string | null): string | null =>
  next === null ? null : new URLSearchParams(next.slice(next.indexOf('?') + 1)).get('cursor');
