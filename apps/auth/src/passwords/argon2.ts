import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** Argon2id as recommended by OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane; about 11 ms of a core. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagBytes = 32;

/** Hashes a password into a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>` (RFC 9106). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await derive(password, salt, cost, tagBytes);
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(tag)}`;
}

/**
 * Verifies a password. Uses the hash's own cost, so that old hashes stay valid when `cost` changes.
 * @throws Error for an invalid argon2id PHC string
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const { salt, tag, ...ofHash } = parse(hash);
  return timingSafeEqual(await derive(password, salt, ofHash, tag.length), tag);
}

/** Whether the hash has another cost, or a shorter salt or tag, than `hashPassword` uses now. */
export function isOutdated(hash: string): boolean {
  const { salt, tag, memory, passes, parallelism } = parse(hash);
  return (
    memory !== cost.memory ||
    passes !== cost.passes ||
    parallelism !== cost.parallelism ||
    salt.length < saltBytes ||
    tag.length < tagBytes
  );
}

const phcString = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parse(hash: string) {
  const match = phcString.exec(hash);
  if (!match) throw new Error('not an argon2id hash');
  const [, memory, passes, parallelism, salt, tag] = match as unknown as string[];
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  };
}

/** Keyboards may produce the same characters composed or decomposed. */
const normalise = (password: string) => password.normalize('NFC');

const derive = (
  password: string,
  nonce: Buffer,
  { memory, passes, parallelism }: typeof cost,
  tagLength: number,
) =>
  new Promise<Buffer>((resolve, reject) => {
    const parameters = { message: normalise(password), nonce, memory, passes, parallelism, tagLength };
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });

/** Base64 without padding, as in the PHC string format. */
const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
