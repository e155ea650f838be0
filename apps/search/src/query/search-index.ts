import type { SearchHit, SearchResult, SearchSort } from '@bulkhead/contracts/search/api';
import type { Database } from '@bulkhead/database/database';
import { wordsOf } from '../index/words';
import { limitSimilarity, type Matching, priceSteps, searchStatement, similarityLimit } from './search.sql';

/** Further words are ignored. */
export const maxWords = 10;

export interface Search {
  readonly q?: string | undefined;
  readonly category?: string | undefined;
  readonly currency?: string | undefined;
  /** Minor units, included. */
  readonly minPrice?: number | undefined;
  /** Minor units, included. */
  readonly maxPrice?: number | undefined;
  readonly inStock?: boolean | undefined;
  readonly sort: SearchSort;
  readonly limit: number;
}

/** The last hit of the previous page, and how that page matched: all pages of one search match alike. */
export interface Place {
  readonly matching: Matching;
  readonly key: number | string;
  readonly id: string;
}

export interface IndexPage extends Omit<SearchResult, 'next' | 'nextCursor' | 'degraded'> {
  /** Start of the next page, or null on the last. */
  readonly last: Place | null;
}

/** The index has not been built yet. */
export class IndexMissing extends Error {
  override readonly name = 'IndexMissing';
}

interface Row {
  readonly generation: number;
  readonly any_matched: boolean;
  readonly total: number;
  readonly hits: readonly { readonly key: number | string; readonly hit: SearchHit }[];
  readonly categories: SearchResult['facets']['categories'];
  readonly prices: readonly { readonly currency: string; readonly step: number; readonly count: number }[];
}

/**
 * A page of products that contain all words of the query; if there are none, of those with similar words.
 * @param signal cancels the statement, so that abandoned searches do not pile up
 * @throws IndexMissing, DatabaseUnavailable
 */
export const searchIndex = (
  database: Database,
  search: Search,
  place: Place | undefined,
  signal: AbortSignal,
): Promise<IndexPage> =>
  database.transaction(
    async (tx) => {
      const words = wordsOf(search.q ?? '').slice(0, maxWords);
      const ask = async (matching: Matching): Promise<Row> => {
        if (matching === 'similar') await tx.query({ ...limitSimilarity, values: [similarityLimit] });
        const values = [
          words,
          search.category,
          search.minPrice,
          search.maxPrice,
          search.inStock,
          search.limit + 1,
          place?.key,
          place?.id,
          search.currency,
        ];
        const { rows } = await tx.query<Row>({ ...searchStatement(matching, search.sort), values });
        return rows[0]!;
      };
      const matching = place?.matching ?? (search.q === undefined ? 'any' : 'words');
      const row = await ask(matching);
      if (row.generation === 0) throw new IndexMissing('the index has not been built yet');
      const isGuessing = matching === 'words' && !place && !row.any_matched && words.length > 0;
      return isGuessing ? toPage(await ask('similar'), search, 'similar') : toPage(row, search, matching);
    },
    { signal },
  );

function toPage(row: Row, { limit }: Search, matching: Matching): IndexPage {
  const shown = row.hits.slice(0, limit);
  const last = row.hits.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(({ hit }) => hit),
    total: row.total,
    facets: {
      categories: row.categories,
      prices: row.prices.map(({ currency, step, count }) => ({
        currency,
        from: step === 0 ? 0 : priceSteps[step - 1]!,
        to: priceSteps[step] ?? null,
        count,
      })),
    },
    last: last ? { matching, key: last.key, id: last.hit.productId } : null,
  };
}
