import { integer } from '@bulkhead/service/config';
import { z } from 'zod';

const whole = (initial: number, min: number, max: number, meaning: string) =>
  integer(min, max).prefault(String(initial)).describe(meaning);

/** The environment variables of search. */
export const SearchConfig = z.object({
  SEARCH_INDEX_TIMEOUT_MS: whole(
    1_000,
    50,
    10_000,
    'ms that the index has to answer before search falls back to the catalog',
  ),
  SEARCH_REBUILD_PAGE: whole(100, 1, 100, 'products that a rebuild reads and writes at once'),
  SEARCH_REBUILD_LEASE_MS: whole(
    30_000,
    500,
    600_000,
    'ms after which another replica goes on with the rebuild of one that is not heard of',
  ),
  SEARCH_REBUILD_EVERY_MS: whole(
    1_000,
    10,
    60_000,
    'ms between two looks whether there is something to rebuild',
  ),
  SEARCH_REBUILD_RETRY_MS: whole(
    1_000,
    10,
    60_000,
    'ms before a failed rebuild goes on, doubled with each failure',
  ),
});

export type SearchConfig = z.output<typeof SearchConfig>;
