import { createHash, createHmac, hkdfSync } from 'node:crypto';

/**
 * Keys derived from auth's configured secret (HKDF, RFC 5869), one for each use. During a rotation there are several
 * secrets: the first one is used for anything new, and anything made with the others stays valid.
 */
export interface Secrets {
  /** 32 bytes each, for AES-256-GCM around the private signing keys. */
  keyEncryption(): readonly Buffer[];
  /**
   * The successor of a refresh token: derived from it and the secret, so that it need not be stored. One for each
   * secret, of which the first may be issued again.
   */
  successorsOf(refreshToken: string): readonly [string, ...string[]];
  /**
   * A key for a table that must not contain the original value, such as an address. Only of the first secret: counts
   * start over when that changes.
   */
  blindKey(kind: string, value: string): Buffer;
}

/** @param current the current secrets, the preferred one first */
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

/** More than are ever in use. */
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

/** The stored form of an opaque token. It has 256 random bits, so a plain hash cannot be searched. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
