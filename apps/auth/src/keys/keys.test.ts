import { join } from 'node:path';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createKeySet } from '@bulkhead/service/identity/key-set';
import { createUserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { deriveSecrets } from '../secrets';
import { type AuthDatabase, authDatabase } from '../database';
import { type AccessTokensOptions, createAccessTokens } from './access-tokens';
import { readKeyRing } from './key-ring';
import { revokeKeys } from './rotate-keys';
import type { SigningAlgorithm } from './signing-key';

let testDatabase: TestDatabase;
let pool: PooledDatabase;
let database: AuthDatabase;
beforeAll(async () => {
  const migrationsDir = join(__dirname, '../../prisma/migrations');
  testDatabase = await createTestDatabase({ service: 'auth', migrationsDir });
  pool = createDatabase({ url: testDatabase.url, applicationName: 'auth' });
  database = authDatabase(pool);
});
afterAll(async () => {
  await pool.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  await database.query({ text: 'delete from signing_keys' });
});

const dayMs = 24 * 3600 * 1000;
const secret = 'one secret of these tests, long enough';
const subject = { accountId: randomIds.next(), sessionId: randomIds.next(), roles: ['customer'] as const };

const optionsOf = (
  algorithm: SigningAlgorithm,
  secrets: () => readonly [string, ...string[]],
): AccessTokensOptions => ({
  database,
  clock: systemClock,
  ids: randomIds,
  encryptionKeys: deriveSecrets(secrets).keyEncryption,
  algorithm,
  rotateAfterMs: 30 * dayMs,
});
/** The keys as a replica that has just started sees and makes them. */
const replica = (algorithm: SigningAlgorithm = 'EdDSA', ...[first = secret, ...others]: string[]) =>
  createAccessTokens(optionsOf(algorithm, () => [first, ...others]));
const passTime = (interval: string) =>
  database.query({
    text: 'update signing_keys set activates_at = activates_at - $1::interval, created_at = created_at - $1::interval',
    values: [interval],
  });
const kids = (set: JSONWebKeySet) => set.keys.map(({ kid }) => kid);
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const verify = async (token: string, keys: JSONWebKeySet) =>
  createUserTokenVerifier(
    createKeySet(async () => keys, systemClock),
    systemClock,
  ).verify(token);

test('replicas that start at once agree on one key', async () => {
  const replicas = Array.from({ length: 8 }, () => replica());
  const tokens = await Promise.all(replicas.map((each) => each.issue(subject)));
  expect(new Set(tokens.map(kidOf)).size).toBe(1);
});

test.each<SigningAlgorithm>(['EdDSA', 'RS256'])('a token signed with %s is accepted', async (algorithm) => {
  const tokens = replica(algorithm);
  const token = await tokens.issue(subject);
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, typ: 'at+jwt' });
  expect(await verify(token, await tokens.published())).toEqual({
    id: subject.accountId,
    sessionId: subject.sessionId,
    roles: ['customer'],
    expiresAt: decodeJwt(token).exp! * 1000,
  });
});

test('a new key is published before it signs, and the old one stays until its tokens have expired', async () => {
  const old = await replica().issue(subject);

  await passTime('30 days');
  await Promise.all([replica().rotate(), replica().rotate()]);
  const published = await replica().published();
  expect(published.keys).toHaveLength(2);
  expect(kidOf(await replica().issue(subject))).toBe(kidOf(old));

  await passTime('11 minutes');
  const young = await replica().issue(subject);
  expect(kidOf(young)).not.toBe(kidOf(old));
  // Verifiers that fetched the set before the new key signed know both.
  await expect(verify(young, published)).resolves.toBeDefined();
  await replica().rotate();
  await expect(verify(old, await replica().published())).resolves.toBeDefined();

  await passTime('20 minutes');
  await replica().rotate();
  expect(kids(await replica().published())).toEqual([kidOf(young)]);
});

test('another algorithm is taken up by rotation', async () => {
  await replica('EdDSA').issue(subject);
  const rsa = replica('RS256');
  await rsa.rotate();
  await rsa.rotate();
  expect((await rsa.published()).keys.map(({ alg }) => alg).sort()).toEqual(['EdDSA', 'RS256']);
  await passTime('11 minutes');
  expect(decodeProtectedHeader(await replica('RS256').issue(subject)).alg).toBe('RS256');
});

test('replicas that disagree on the algorithm while one replaces the other publish one key of each', async () => {
  await replica('EdDSA').issue(subject);
  for (let times = 0; times < 3; times += 1) {
    await replica('RS256').rotate();
    await replica('EdDSA').rotate();
  }
  expect((await replica().published()).keys.map(({ alg }) => alg).sort()).toEqual(['EdDSA', 'RS256']);
});

test('another secret makes a new key, and signs nobody out', async () => {
  const old = await replica().issue(subject);
  const renewed = replica('EdDSA', 'another secret of these tests, as long');
  const young = await renewed.issue(subject);
  expect(kidOf(young)).not.toBe(kidOf(old));
  const published = await renewed.published();
  await expect(verify(old, published)).resolves.toBeDefined();
  await expect(verify(young, published)).resolves.toBeDefined();
  // While both secrets are in use, each replica signs with the key it can open, and makes no more.
  expect(kidOf(await replica().issue(subject))).toBe(kidOf(old));
  expect((await replica().published()).keys).toHaveLength(2);
});

test('a secret that is added, preferred and then alone takes the keys along, with one key throughout', async () => {
  const renewedSecret = 'another secret of these tests, as long';
  const steps: [string, ...string[]][] = [
    [secret],
    [secret, renewedSecret],
    [renewedSecret, secret],
    [renewedSecret],
  ];
  const signedBy = new Set<string | undefined>();
  // Replicas get the file at different times: at each step one is behind.
  for (const [index, now] of steps.entries()) {
    const behind = steps[Math.max(0, index - 1)]!;
    for (const secrets of [now, behind]) {
      await replica('EdDSA', ...secrets).rotate();
      signedBy.add(kidOf(await replica('EdDSA', ...secrets).issue(subject)));
    }
    // A minute later all have the file, and have been at the keys.
    await replica('EdDSA', ...now).rotate();
    signedBy.add(kidOf(await replica('EdDSA', ...now).issue(subject)));
  }
  expect(signedBy.size).toBe(1);
  expect((await replica('EdDSA', renewedSecret).published()).keys).toHaveLength(1);
});

test('keys that are revoked count no more, for tokens that were found good before too', async () => {
  const [one, other] = [replica(), replica()];
  const stolen = await one.issue(subject);
  const keySet = createKeySet(() => other.published(), systemClock);
  const verifier = createUserTokenVerifier(keySet, systemClock);
  await verifier.verify(stolen);
  expect(verifier.known(stolen)).toBeDefined();

  const { revoked, current } = await revokeKeys(
    database,
    optionsOf('EdDSA', () => [secret]),
  );
  expect(revoked).toEqual([kidOf(stolen)]);
  const young = await replica().issue(subject);
  expect(kidOf(young)).toBe(current);
  // A token of the new key makes the verifier fetch at once; else it does so every 15 s.
  await expect(verifier.verify(young)).resolves.toBeDefined();
  expect(verifier.known(stolen)).toBeUndefined();
  await expect(verifier.verify(stolen)).rejects.toMatchObject({ slug: 'invalid-token' });
  await one.rotate();
  expect(kids(await one.published())).toEqual([current]);
});

test('private keys are encrypted, and bound to their row', async () => {
  await replica().issue(subject);
  const encryptionKeys = deriveSecrets(() => [secret]).keyEncryption();
  expect((await readKeyRing(database, encryptionKeys)).current).toBeDefined();
  await database.query({ text: `update signing_keys set kid = 'moved'` });
  expect((await readKeyRing(database, encryptionKeys)).current).toBeUndefined();
});
