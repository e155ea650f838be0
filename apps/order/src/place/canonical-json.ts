import { createHash } from 'node:crypto';

/**
 * A JSON value as text that does not depend on the order of members (RFC 8785; ECMAScript's number format is its own).
 * @param value made by JSON.parse, or equal to such a value; members that are undefined are left out
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of the canonical form: equal for requests that mean the same. */
export const fingerprintOf = (value: unknown): Buffer =>
  createHash('sha256').update(canonicalJson(value)).digest();
