import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * SHA-256 of the canonical form (RFC 8785): equal for equivalent requests, whatever the order of their members.
 * @param value from JSON.parse, or equal to such a value; undefined members are omitted
 */
export const fingerprintOf = (value: unknown): Buffer =>
  createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest();
