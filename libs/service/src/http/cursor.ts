import { z } from 'zod';
import { problem } from '../errors';

/** A position in a list as the opaque text of `?cursor=`: base64url of the sort key's JSON. */
export const encodeCursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * Parses a cursor. Clients can change it, so it is validated like any input.
 * @throws ProblemError invalid-request, at /query/cursor
 */
export function decodeCursor<S extends z.ZodType>(
  cursor: string | undefined,
  schema: S,
): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const detail = 'must be a cursor from a `next` link; take it from the `next` link of the page before';
    throw problem('invalid-request', { errors: [{ pointer: '/query/cursor', detail }] });
  }
}

/** The next page, as a link and as the cursor in it. */
export interface NextPage {
  readonly next: string | null;
  readonly nextCursor: string | null;
}

/**
 * The fields of a page that point to the next one: the query of this page with another cursor.
 * @param key sort key of the last item, or undefined for the last page
 */
export function nextPage(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
  key: unknown,
): NextPage {
  if (key === undefined) return { next: null, nextCursor: null };
  const nextCursor = encodeCursor(key);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && name !== 'cursor') parameters.set(name, String(value));
  parameters.set('cursor', nextCursor);
  return { next: `${path}?${parameters.toString()}`, nextCursor };
}
