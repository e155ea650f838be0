import { join } from 'node:path';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createKeySet } from '@bulkhead/service/identity/key-set';
import { createUserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import { createTestDatabase, type TestDatabase } from '@bulkhead/testing/postgres';
import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { deriveSecrets } from '../secrets';
import { createAccessTokens } from './access-tokens';
import { readKeyRing } from './key-ring';
import type { SigningAlgorithm } from './signing-key';

let testDatabase: TestDatabase;
let database: PooledDatabase;
beforeAll(async () => {
  const migrationsDir = join(__dirname, '../../prisma/migrations');
  testDatabase = await createTestDatabase({ service: 'auth', migrationsDir });
  database = createDatabase({ url: testDatabase.url, applicationName: 'auth' });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(async () => {
  await database.query({ text: 'delete from signing_keys' });
});

const dayMs = 24 * 3600 * 1000;
const secret = 'one secret of these tests, long enough';
const subject = { accountId: randomIds.next(), sessionId: randomIds.next(), roles: ['customer'] as const };

/** The keys as a replica that has just started sees and makes them. */
const replica = (algorithm: SigningAlgorithm = 'EdDSA', withSecret = secret) =>
  createAccessTokens({
    database,
    clock: systemClock,
    ids: randomIds,
    encryptionKey: deriveSecrets(withSecret).keyEncryption,
    algorithm,
    rotateAfterMs: 30 * dayMs,
  });
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

test('private keys are encrypted, and bound to their row', async () => {
  await replica().issue(subject);
  const encryptionKey = deriveSecrets(secret).keyEncryption;
  expect((await readKeyRing(database, encryptionKey)).current).toBeDefined();
  await database.query({ text: `update signing_keys set kid = 'moved'` });
  expect((await readKeyRing(database, encryptionKey)).current).toBeUndefined();
});
