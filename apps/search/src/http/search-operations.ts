import { searchApi } from '@bulkhead/contracts/search/api';
import { nextPage } from '@bulkhead/service/http/cursor';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { readCursor } from '../query/cursor';
import { isIndexUnavailable, search, type SearchDependencies } from '../query/search';
import { suggestions } from '../query/suggest';

export const searchOperations = (dependencies: SearchDependencies): Operation[] => [
  implement(searchApi.search, async ({ query }, context) => {
    const cursor = readCursor(query.cursor, query.sort);
    const inStock = query.inStock === undefined ? undefined : query.inStock === 'true';
    const { next, ...page } = await search(dependencies, { ...query, inStock }, cursor, context);
    return {
      status: 200,
      body: { ...page, ...nextPage(searchApi.search.path, query, next ?? undefined) },
    };
  }),

  implement(searchApi.suggest, async ({ query }) => {
    const items = await suggestions(dependencies.database, query.q, query.limit).catch((error: unknown) => {
      if (isIndexUnavailable(error)) return [];
      throw error;
    });
    return { status: 200, body: { items } };
  }),
];
