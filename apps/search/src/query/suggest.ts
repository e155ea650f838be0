import type { Database } from '@bulkhead/database/database';
import { wordsOf } from '../index/words';
import { maxWords } from './search-index';
import { suggest, suggestSimilar } from './suggest.sql';

export interface Suggestion {
  readonly kind: 'product' | 'category';
  readonly text: string;
  readonly slug: string;
}

/** Suggestions for the typed `q`: names that continue it, otherwise similar ones. */
export async function suggestions(database: Database, q: string, limit: number): Promise<Suggestion[]> {
  const words = wordsOf(q).slice(0, maxWords);
  if (words.length === 0) return [];
  const { rows } = await database.query<Suggestion>({ ...suggest, values: [words, limit] });
  if (rows.length > 0) return rows;
  const similar = await database.query<Suggestion>({ ...suggestSimilar, values: [words, limit] });
  return similar.rows;
}
