import type { KeyObject } from 'node:crypto';
import type { Queryable } from '@bulkhead/database/database';
import type { JSONWebKeySet, JWK } from 'jose';
import { openSigningKey, type SigningAlgorithm } from './signing-key';

/** A snapshot of the keys: the published ones, and the signing one. */
export interface KeyRing {
  readonly published: JSONWebKeySet;
  /** The newest active key that a secret decrypts; undefined if there is none. */
  readonly current: CurrentKey | undefined;
  /** The newest key, active or not. */
  readonly newest: NewestKey | undefined;
}

export interface CurrentKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
}

export interface NewestKey {
  readonly algorithm: SigningAlgorithm;
  /** Since it became the signing key; negative while it is only published. */
  readonly activeForMs: number;
}

interface Row {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly public_jwk: JWK;
  readonly private_key: Buffer;
  readonly active_for_ms: number;
}

/** Reads all keys, newest first; active or not by the database's clock. */
export async function readKeyRing(database: Queryable, encryptionKeys: readonly Buffer[]): Promise<KeyRing> {
  // The client cannot calculate with times.
  const { rows } = await database.query<Row>({
    name: 'signing-keys',
    text: `select kid, algorithm, public_jwk, private_key,
        (extract(epoch from now() - activates_at) * 1000)::float8 as active_for_ms
      from signing_keys order by activates_at desc, kid`,
  });
  return {
    published: { keys: rows.map((row) => row.public_jwk) },
    current: firstOf(rows, (row) => {
      if (row.active_for_ms < 0) return undefined;
      const privateKey = openSigningKey(row.private_key, row.kid, encryptionKeys);
      return privateKey && { kid: row.kid, algorithm: row.algorithm, privateKey };
    }),
    newest: rows[0] && { algorithm: rows[0].algorithm, activeForMs: rows[0].active_for_ms },
  };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
