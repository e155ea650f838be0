import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { CategorySlug, Slug } from '../product/api';
import {
  Currency,
  CurrencyCode,
  flag,
  Id,
  list,
  maxAmount,
  Money,
  nextPageFields,
  PageQuery,
  Sku,
  text,
  Timestamp,
  wholeNumber,
} from '../primitives';

export const searchSorts = ['relevance', 'price', '-price', 'name', 'newest'] as const;
const SearchOrder = z.enum(searchSorts).meta({
  id: 'SearchOrder',
  description: '`-price`: dearest first',
  // `price` and `-price` result in the same identifier in most languages.
  'x-enum-varnames': ['RELEVANCE', 'PRICE_ASCENDING', 'PRICE_DESCENDING', 'NAME', 'NEWEST'],
});
export type SearchSort = (typeof searchSorts)[number];

export const SearchHit = z
  .object({
    productId: Id,
    sku: Sku,
    slug: Slug,
    name: z.string(),
    description: z.string(),
    category: CategorySlug,
    price: Money,
    imageUrl: z.string().nullable(),
    inStock: z.boolean().nullable().meta({ description: 'null where it is not known' }),
  })
  .meta({ id: 'SearchHit', description: 'A product that was found' });
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchResult = z
  .object({
    items: z.array(SearchHit),
    ...nextPageFields,
    total: z.int().min(0).nullable().meta({ description: 'null while search falls back to the catalog' }),
    facets: z
      .object({
        categories: z.array(
          z
            .object({ category: CategorySlug, count: z.int().min(1) })
            .meta({ id: 'CategoryFacet', description: 'How many of the products found are in a category' }),
        ),
        prices: z.array(
          z
            .object({
              currency: CurrencyCode.meta({
                description: 'what `from` and `to` are in; each has its own ranges',
              }),
              from: z.int().min(0).meta({ description: 'minor units, included' }),
              to: z.int().nullable().meta({ description: 'minor units, excluded; null: no limit' }),
              count: z.int().min(1),
            })
            .meta({ id: 'PriceFacet', description: 'Products with a price from `from` to below `to`' }),
        ),
      })
      .meta({ id: 'SearchFacets', description: 'How many products each further filter would leave' }),
    degraded: z
      .boolean()
      .meta({ description: 'true: the plain catalog list, because the index is unavailable' }),
  })
  .meta({
    id: 'SearchResult',
    description: 'Products that were found, and how further filters would narrow them',
  });
export type SearchResult = z.infer<typeof SearchResult>;

export const RebuildStatus = z
  .object({
    state: z
      .enum(['idle', 'running', 'failed'])
      .meta({ id: 'RebuildState', description: 'Whether the index is being built' }),
    generation: z.int().min(0).meta({ description: 'the index being read; 0 before the first rebuild' }),
    indexed: z.int().min(0).meta({ description: 'products put into the new index so far' }),
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
    problem: z.string().nullable(),
  })
  .meta({ id: 'RebuildStatus', description: 'How far a rebuild of the index is' });
export type RebuildStatus = z.infer<typeof RebuildStatus>;

const Suggestion = z
  .object({
    kind: z
      .enum(['product', 'category'])
      .meta({ id: 'SuggestionKind', description: 'What a suggestion names' }),
    text: z.string(),
    slug: z.string(),
  })
  .meta({ id: 'Suggestion', description: 'How what somebody is typing could go on' });

const tag = 'search';
const adminOnly = { kind: 'role', role: 'admin' } as const;
const price = wholeNumber(0, maxAmount);

export const searchApi = {
  search: defineEndpoint({
    operationId: 'searchProducts',
    method: 'get',
    path: '/api/v1/search',
    summary: 'Find products',
    description:
      'Full text with prefixes and tolerance for typing errors and accents: all words, or if no product has them, words ' +
      'much like them. Each facet counts what the other filters leave. While the index is unavailable, a search without words, ' +
      'prices and stock returns the catalog list, newest first and marked `degraded`; others fail with `unavailable`.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    query: PageQuery.extend({
      q: text(1, 200)
        .optional()
        .meta({ description: 'words to look for', examples: ['kettle'] }),
      category: CategorySlug.optional(),
      currency: Currency.optional().meta({
        description:
          'only products with a price in it; without, amounts are compared whatever their currency',
      }),
      minPrice: price.optional().meta({ description: 'minor units, included' }),
      maxPrice: price.optional().meta({ description: 'minor units, included' }),
      inStock: flag('only products known to be in stock, or known to be out of it').optional(),
      sort: SearchOrder.default('relevance').meta({ description: 'order of the products' }),
    }),
    responses: { 200: { description: 'A page of products in the order asked for', schema: SearchResult } },
  }),
  suggest: defineEndpoint({
    operationId: 'suggestSearches',
    method: 'get',
    path: '/api/v1/search/suggestions',
    summary: 'Complete what somebody is typing',
    description: 'Names of products and categories that go on as typed.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    query: z.object({
      q: text(1, 100).meta({ description: 'what was typed so far', examples: ['ket'] }),
      limit: wholeNumber(1, 20)
        .default(8)
        .meta({ description: 'most suggestions', examples: [8] }),
    }),
    responses: {
      200: {
        description: 'Names of products and categories, best first; none while the index is unavailable',
        schema: list(Suggestion),
      },
    },
  }),
  rebuild: defineEndpoint({
    operationId: 'rebuildSearch',
    method: 'post',
    path: '/api/v1/search/rebuild',
    summary: 'Build the index anew from the catalog',
    description:
      'Readers see the old index until the new one is complete. While one is running, nothing is begun.',
    tag,
    access: adminOnly,
    priority: 'browse',
    retryable: true,
    responses: {
      202: {
        description: 'A rebuild is running',
        schema: RebuildStatus,
        headers: { location: { description: 'where to watch it' } },
      },
    },
  }),
  rebuildStatus: defineEndpoint({
    operationId: 'getSearchRebuild',
    method: 'get',
    path: '/api/v1/search/rebuild',
    summary: 'How far the rebuild is',
    tag,
    access: adminOnly,
    priority: 'browse',
    responses: { 200: { description: 'The last or running rebuild', schema: RebuildStatus } },
  }),
} as const;

/** Search has no internal callers. */
export const searchInternal = {} as const;
