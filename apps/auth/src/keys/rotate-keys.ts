import type { AuthDatabase, AuthTransaction } from '../database';
import { readKeyRing } from './key-ring';
import { makeSigningKey, openSigningKey, sealSigningKey, type SigningAlgorithm } from './signing-key';

export interface RotationOptions {
  /** The current secrets; the first one encrypts, and all decrypt. */
  readonly encryptionKeys: () => readonly Buffer[];
  readonly algorithm: SigningAlgorithm;
  /** How long a key signs, in ms. */
  readonly rotateAfterMs: number;
}

/**
 * How long a key is published before it signs: longer than verifiers cache the set (5 min) after a replica may have
 * served it from its own cache (1 min).
 */
export const publishAheadMs = 10 * 60_000;

/**
 * How long a key stays published after its successor became the signing key: a replica may sign with it for another
 * minute, and its tokens live for 10.
 */
const retireAfterMs = 20 * 60_000;

/**
 * Creates the first key, publishes the next one in time, and deletes keys without valid tokens. Safe to run on several
 * replicas concurrently, and often.
 */
export async function rotateKeys(database: AuthDatabase, options: RotationOptions): Promise<void> {
  await database.transaction(async (tx) => {
    // The client has no advisory locks.
    await tx.query({ text: `select pg_advisory_xact_lock(hashtext('signing_keys'))` });
    await resealKeys(tx, options.encryptionKeys());
    const { current, newest } = await readKeyRing(tx, options.encryptionKeys());
    if (!current) await insertKey(tx, options, 0);
    else if (newest && isDue(newest, options)) await insertKey(tx, options, publishAheadMs);
    await retireKeys(tx);
  });
}

function isDue(
  newest: { readonly algorithm: SigningAlgorithm; readonly activeForMs: number },
  { algorithm, rotateAfterMs }: RotationOptions,
): boolean {
  if (newest.activeForMs < 0) return false;
  return newest.algorithm !== algorithm || newest.activeForMs >= rotateAfterMs - publishAheadMs;
}

async function insertKey(
  tx: AuthTransaction,
  { algorithm, encryptionKeys }: RotationOptions,
  activatesInMs: number,
): Promise<string> {
  const { kid, publicJwk, sealedPrivateKey } = await makeSigningKey(algorithm, encryptionKeys()[0]!);
  // The client cannot calculate a time from now.
  await tx.query({
    text: `insert into signing_keys (kid, algorithm, public_jwk, private_key, activates_at)
      values ($1, $2, $3, $4, now() + make_interval(secs => $5::float8 / 1000))`,
    values: [kid, algorithm, JSON.stringify(publicJwk), sealedPrivateKey, activatesInMs],
  });
  return kid;
}

/** Encrypts with the first secret what was encrypted with another, so that the other can be removed. */
async function resealKeys(tx: AuthTransaction, [preferred, ...others]: readonly Buffer[]): Promise<void> {
  if (preferred === undefined || others.length === 0) return;
  const keys = await tx.prisma.signingKey.findMany({ select: { kid: true, privateKey: true } });
  for (const { kid, privateKey: stored } of keys) {
    const sealed = Buffer.from(stored);
    if (openSigningKey(sealed, kid, [preferred])) continue;
    const privateKey = openSigningKey(sealed, kid, others);
    if (!privateKey) continue;
    await tx.prisma.signingKey.update({
      where: { kid },
      data: { privateKey: new Uint8Array(sealSigningKey(privateKey, kid, preferred)) },
    });
  }
}

/**
 * Withdraws all keys immediately and creates another, for use after a leak: their tokens are rejected as soon as the
 * services have fetched the keys again. Users continue with their refresh tokens, which are not signed with a key.
 * @returns the ids of the withdrawn keys, and of the new signing key
 */
export async function revokeKeys(
  database: AuthDatabase,
  options: RotationOptions,
): Promise<{ readonly revoked: string[]; readonly current: string }> {
  return database.transaction(async (tx) => {
    // The client has no advisory locks.
    await tx.query({ text: `select pg_advisory_xact_lock(hashtext('signing_keys'))` });
    const revoked = await tx.prisma.signingKey.findMany({ select: { kid: true } });
    await tx.prisma.signingKey.deleteMany();
    return { revoked: revoked.map(({ kid }) => kid), current: await insertKey(tx, options, 0) };
  });
}

/** Invariant: a key is deleted only when a later one has been signing for longer than the lifetime of its tokens. */
async function retireKeys(tx: AuthTransaction): Promise<void> {
  // The client cannot compare rows with each other, nor with a time before now.
  await tx.query({
    text: `delete from signing_keys as old where exists (
        select from signing_keys as later
        where later.activates_at > old.activates_at
          and later.activates_at < now() - make_interval(secs => $1::float8 / 1000))`,
    values: [retireAfterMs],
  });
}
