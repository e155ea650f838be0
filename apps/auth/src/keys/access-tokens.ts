import type { Role } from '@bulkhead/contracts/endpoint';
import type { AuthDatabase } from '../database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Ids } from '@bulkhead/service/ids';
import { tokenAudience, tokenIssuer } from '@bulkhead/service/identity/user-tokens';
import { type JSONWebKeySet, SignJWT } from 'jose';
import { type KeyRing, readKeyRing } from './key-ring';
import { rotateKeys, type RotationOptions } from './rotate-keys';

export const accessTokenSeconds = 10 * 60;

export interface TokenSubject {
  readonly accountId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
}

export interface AccessTokens {
  /** A JWT access token (RFC 9068) with a lifetime of 10 minutes. */
  issue(subject: TokenSubject): Promise<string>;
  /** The public keys (RFC 7517). */
  published(): Promise<JSONWebKeySet>;
  /** Rotates the keys when due; see rotateKeys. */
  rotate(): Promise<void>;
}

/** How long a replica signs with cached keys, even if one was revoked since. */
const ringMaxAgeMs = 1_000;

export interface AccessTokensOptions extends RotationOptions {
  readonly database: AuthDatabase;
  readonly clock: Clock;
  readonly ids: Ids;
}

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { database, clock, ids, encryptionKeys } = options;
  let ring: { readonly keys: KeyRing; readonly readAt: number } | undefined;
  let reading: Promise<KeyRing> | undefined;

  const read = async () => {
    const readAt = clock.monotonic();
    let keys = await readKeyRing(database, encryptionKeys());
    if (!keys.current) {
      await rotateKeys(database, options);
      keys = await readKeyRing(database, encryptionKeys());
    }
    ring = { keys, readAt };
    return keys;
  };

  const freshKeyRing = (): Promise<KeyRing> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const keyRing = (): Promise<KeyRing> =>
    ring && clock.monotonic() - ring.readAt < ringMaxAgeMs ? Promise.resolve(ring.keys) : freshKeyRing();

  return {
    async issue({ accountId, sessionId, roles }) {
      const { current } = await keyRing();
      if (!current) throw new Error('there is no key to sign with');
      const issuedAt = Math.floor(clock.now() / 1000);
      return new SignJWT({ sid: sessionId, roles })
        .setProtectedHeader({ alg: current.algorithm, kid: current.kid, typ: 'at+jwt' })
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setSubject(accountId)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .setJti(ids.next())
        .sign(current.privateKey);
    },
    async published() {
      // The caller has met an unknown key, which another replica may just have created, even after a read in progress
      // started.
      await reading?.catch(() => undefined);
      return (await freshKeyRing()).published;
    },
    async rotate() {
      await rotateKeys(database, options);
      ring = undefined;
    },
  };
}
