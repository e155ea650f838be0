import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * SHA-256 of the canonical form (RFC 8785): equal for requests that mean the same, in whatever order their members come.
 * @param value made by JSON.parse, or equal to such a value; members that are undefined are left out
 */
export const fingerprintOf = (value: unknown): Buffer =>
  createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest();
