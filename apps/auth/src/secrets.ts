import { createHash, createHmac, hkdfSync } from 'node:crypto';

/**
 * What auth derives from its configured secret (HKDF, RFC 5869), a key for each use. While the secret is rotated there
 * are several: what is made is made with the first, and what was made with any of them still counts.
 */
export interface Secrets {
  /** 32 bytes each, for AES-256-GCM around the private signing keys. */
  keyEncryption(): readonly Buffer[];
  /**
   * The one token that may follow a refresh token: known from it and the secret, so that it need not be stored. One for
   * each secret, of which the first may be given out anew.
   */
  successorsOf(refreshToken: string): readonly [string, ...string[]];
  /**
   * A key for a table that must not hold what it stands for, such as an address. Of the first secret only: what is
   * counted under it begins anew when that changes.
   */
  blindKey(kind: string, value: string): Buffer;
}

/** @param current the secrets as they are now, the preferred one first */
export function deriveSecrets(current: () => readonly [string, ...string[]]): Secrets {
  const derived = new Map<string, DerivedKeys>();
  const keysOf = (secret: string): DerivedKeys => {
    const keys = derived.get(secret) ?? deriveKeys(secret);
    if (derived.size >= maxRemembered) derived.clear();
    derived.set(secret, keys);
    return keys;
  };
  return {
    keyEncryption: () => current().map((secret) => keysOf(secret).keyEncryption),
    successorsOf(refreshToken) {
      const of = (secret: string) =>
        createHmac('sha256', keysOf(secret).successor).update(refreshToken).digest('base64url');
      const [first, ...others] = current();
      return [of(first), ...others.map(of)];
    },
    blindKey: (kind, value) =>
      createHmac('sha256', keysOf(current()[0]).blinding).update(`${kind}\n${value}`).digest(),
  };
}

/** More than are in use at once. */
const maxRemembered = 10;

type DerivedKeys = Readonly<Record<'keyEncryption' | 'successor' | 'blinding', Buffer>>;

function deriveKeys(secret: string): DerivedKeys {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'bulkhead auth', purpose, 32));
  return {
    keyEncryption: derive('encryption of signing keys'),
    successor: derive('successor of a refresh token'),
    blinding: derive('blind keys'),
  };
}

/** What is stored of an opaque token. It has 256 random bits, so a plain hash cannot be searched. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
