import { z } from 'zod';
import { problem } from '../errors';

/** A place in a list as the opaque text of `?cursor=`: base64url of the sort key's JSON. */
export const encodeCursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * Reads a cursor back. It came through the client's hands, so it is checked like any input.
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

/** Path and query of the next page: the query of this one with another cursor. */
export function nextLink(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
  key: unknown,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && name !== 'cursor') parameters.set(name, String(value));
  parameters.set('cursor', encodeCursor(key));
  return `${path}?${parameters.toString()}`;
}
