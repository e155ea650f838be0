import { Id, text } from '@bulkhead/contracts/primitives';
import type { SearchSort } from '@bulkhead/contracts/search/api';
import { decodeCursor } from '@bulkhead/service/http/cursor';
import { z } from 'zod';
import type { Place } from './search-index';
import { orders } from './search.sql';

/** A position in the index, or in the catalog's list: pagination continues in the one it started in. */
export type Cursor =
  | ({ readonly from: 'index'; readonly sort: SearchSort } & Place)
  | { readonly from: 'catalog'; readonly cursor: string };

/** @throws ProblemError invalid-request for a cursor that does not belong to this list and sort order */
export function readCursor(cursor: string | undefined, sort: SearchSort): Cursor | undefined {
  return decodeCursor(cursor, z.union([indexCursor(sort), catalogCursor]));
}

const indexCursor = (sort: SearchSort) =>
  z.strictObject({
    from: z.literal('index'),
    sort: z.literal(sort),
    matching: z.enum(['any', 'words', 'similar']),
    key: orders[sort].type === 'text' ? text(0, 200) : z.int(),
    id: Id,
  });

const catalogCursor = z.strictObject({
  from: z.literal('catalog'),
  cursor: z.string().regex(/^[A-Za-z0-9_-]{1,300}$/),
});
