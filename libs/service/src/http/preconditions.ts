import { problem } from '../errors';

/** The entity tag of a version (RFC 9110 §8.8.3). */
export const etagOf = (version: number): string => `"${version}"`;

/** The versions that a change may be based on; an empty list rejects it as `precondition-failed`. */
export type Versions = 'any' | readonly number[];

/**
 * The versions that a change may be based on, from its If-Match header (RFC 9110 §13.1.1). Tags are compared strongly
 * (§8.8.3.2): weak ones never match, nor does a tag that is not a version's. The contract has validated the syntax.
 * @returns 'any' for `*`, and without the header
 */
export function ifMatch(header: string | undefined): Versions {
  if (header === undefined || header.trim() === '*') return 'any';
  return tagsOf(header)
    .filter((tag) => /^"(0|[1-9]\d{0,8})"$/.test(tag))
    .map((tag) => Number(tag.slice(1, -1)));
}

/**
 * The same where the header is required.
 * @throws ProblemError precondition-required without it (RFC 6585 §3)
 */
export function requireIfMatch(header: string | undefined): Versions {
  if (header === undefined)
    throw problem('precondition-required', 'Send the ETag of the version you read as If-Match.');
  return ifMatch(header);
}

/** Whether the client's copy is current, from If-None-Match (RFC 9110 §13.1.2; weak comparison). */
export const isNotModified = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || tagsOf(header).some((tag) => tag.replace(/^W\//, '') === etag));

const tagsOf = (header: string): readonly string[] => header.match(/(W\/)?"[^"]*"/g) ?? [];
