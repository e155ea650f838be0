import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

export const signingAlgorithms = ['EdDSA', 'RS256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** A new pair: the public half as published, the private half as stored. */
export interface NewSigningKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly sealedPrivateKey: Buffer;
}

/** Makes a key pair; its id is the thumbprint of the public half (RFC 7638). */
export async function makeSigningKey(
  algorithm: SigningAlgorithm,
  encryptionKey: Buffer,
): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await (algorithm === 'EdDSA'
    ? promisify(generateKeyPair)('ed25519')
    : promisify(generateKeyPair)('rsa', { modulusLength: 2048 }));
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
    sealedPrivateKey: sealSigningKey(privateKey, kid, encryptionKey),
  };
}

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: nonce, ciphertext, tag. Bound to the key's id, so that rows cannot be swapped. */
export function sealSigningKey(privateKey: KeyObject, kid: string, encryptionKey: Buffer): Buffer {
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce).setAAD(Buffer.from(kid));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @returns the private key, or undefined when none of these secrets decrypts it */
export function openSigningKey(
  sealed: Buffer,
  kid: string,
  encryptionKeys: readonly Buffer[],
): KeyObject | undefined {
  for (const encryptionKey of encryptionKeys) {
    const privateKey = openWith(sealed, kid, encryptionKey);
    if (privateKey) return privateKey;
  }
  return undefined;
}

function openWith(sealed: Buffer, kid: string, encryptionKey: Buffer): KeyObject | undefined {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(kid))
    .setAuthTag(sealed.subarray(-tagBytes));
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
