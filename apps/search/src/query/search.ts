import type { SearchResult } from '@bulkhead/contracts/search/api';
import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable, isStatementCancelled } from '@bulkhead/database/errors';
import type { Clock } from '@bulkhead/resilience/clock';
import { withTimeout } from '@bulkhead/resilience/timeout';
import { PeerProblem, problem } from '@bulkhead/service/errors';
import type { RequestContext } from '@bulkhead/service/http/operation';
import { type Catalog, listCatalog } from './catalog-list';
import type { Cursor } from './cursor';
import { IndexMissing, type Search, searchIndex } from './search-index';

export interface SearchDependencies {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Timeout of the index in ms. */
  readonly indexTimeoutMs: number;
  /** Called for each response from the catalog instead of the index. */
  readonly onDegraded: () => void;
}

export type SearchPage = Omit<SearchResult, 'next' | 'nextCursor'> & { readonly next: Cursor | null };

/** The index did not respond in time. */
class IndexTimeout extends Error {
  override readonly name = 'IndexTimeout';
}

/**
 * A page of the index; while the index is unavailable, of the catalog's plain list, if that supports the query.
 * @throws ProblemError unavailable when neither can respond
 */
export async function search(
  dependencies: SearchDependencies,
  asked: Search,
  cursor: Cursor | undefined,
  context: Pick<RequestContext, 'requestId' | 'deadline' | 'signal'>,
): Promise<SearchPage> {
  if (cursor?.from === 'catalog') return fromCatalog(dependencies, asked, cursor.cursor, context);
  try {
    const { last, ...page } = await withTimeout(
      (signal) => searchIndex(dependencies.database, asked, cursor, signal),
      {
        clock: dependencies.clock,
        ms: dependencies.indexTimeoutMs,
        error: () => new IndexTimeout(),
        signal: context.signal,
      },
    );
    return { ...page, next: last && { from: 'index', sort: asked.sort, ...last }, degraded: false };
  } catch (error) {
    if (!isIndexUnavailable(error)) throw error;
    if (cursor || !isPlainList(asked)) throw unavailable();
    return fromCatalog(dependencies, asked, undefined, context);
  }
}

/** Whether the index is unavailable, as opposed to a bug in the query. */
export const isIndexUnavailable = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable ||
  error instanceof IndexMissing ||
  error instanceof IndexTimeout ||
  isStatementCancelled(error);

/** Whether the catalog's list supports it, which only filters by category. */
const isPlainList = ({ q, currency, minPrice, maxPrice, inStock }: Search): boolean =>
  q === undefined &&
  currency === undefined &&
  minPrice === undefined &&
  maxPrice === undefined &&
  inStock === undefined;

async function fromCatalog(
  { catalog, onDegraded }: SearchDependencies,
  { category, limit }: Search,
  cursor: string | undefined,
  context: Pick<RequestContext, 'requestId' | 'deadline'>,
): Promise<SearchPage> {
  const page = await listCatalog(catalog, { category, limit, cursor }, context).catch((error: unknown) => {
    if (error instanceof PeerProblem && error.slug === 'invalid-request')
      throw problem('invalid-request', {
        errors: [{ pointer: '/query/cursor', detail: 'must be a cursor from a `next` link' }],
      });
    throw error;
  });
  onDegraded();
  return {
    items: page.items,
    total: null,
    facets: { categories: [], prices: [] },
    next: page.cursor === null ? null : { from: 'catalog', cursor: page.cursor },
    degraded: true,
  };
}

const unavailable = () =>
  problem('unavailable', {
    detail: 'Search is temporarily unavailable. The catalog can still be listed by category.',
    headers: { 'retry-after': '2' },
  });
