import { problem } from '../errors';

/** The entity tag of a version (RFC 9110 §8.8.3). */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * The versions that a change may be based on, from its If-Match header (RFC 9110 §13.1.1); weak tags never match.
 * @returns 'any' for `*`
 * @throws ProblemError precondition-required without the header (RFC 6585 §3)
 */
export function requireIfMatch(header: string | undefined): 'any' | readonly number[] {
  if (header === undefined)
    throw problem('precondition-required', 'Send the ETag of the state you have seen as If-Match.');
  if (header.trim() === '*') return 'any';
  return tagsOf(header)
    .filter((tag) => /^"\d{1,9}"$/.test(tag))
    .map((tag) => Number(tag.slice(1, -1)));
}

/** Whether the copy at hand is current, from If-None-Match (RFC 9110 §13.1.2; weak comparison). */
export const isNotModified = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || tagsOf(header).some((tag) => tag.replace(/^W\//, '') === etag));

const tagsOf = (header: string): readonly string[] => header.match(/(W\/)?"[^"]*"/g) ?? [];
