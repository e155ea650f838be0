import { createHash, createHmac, hkdfSync } from 'node:crypto';

/** What auth derives from its one configured secret (HKDF, RFC 5869), a key for each use. */
export interface Secrets {
  /** 32 bytes, for AES-256-GCM around the private signing keys. */
  readonly keyEncryption: Buffer;
  /** The one token that may follow a refresh token: known from it and the secret, so that it need not be stored. */
  successorOf(refreshToken: string): string;
  /** A key for a table that must not hold what it stands for, such as an address. */
  blindKey(kind: string, value: string): Buffer;
}

export function deriveSecrets(secret: string): Secrets {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'bulkhead auth', purpose, 32));
  const successor = derive('successor of a refresh token');
  const blinding = derive('blind keys');
  return {
    keyEncryption: derive('encryption of signing keys'),
    successorOf: (refreshToken) => createHmac('sha256', successor).update(refreshToken).digest('base64url'),
    blindKey: (kind, value) => createHmac('sha256', blinding).update(`${kind}\n${value}`).digest(),
  };
}

/** What is stored of an opaque token. It has 256 random bits, so a plain hash cannot be searched. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
