import { generateKeyPairSync } from 'node:crypto';
import { randomIds } from '@bulkhead/service/ids';
import { tokenAudience, tokenIssuer } from '@bulkhead/service/identity/user-tokens';
import { decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { developmentSecret } from '../config';
import { deriveSecrets } from '../secrets';
import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';
import { readKeyRing } from './key-ring';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

const subject = { accountId: randomIds.next(), sessionId: randomIds.next() };

test('the key set may be cached, and holds no private part', async () => {
  const { status, headers, body } = await auth.send('GET', '/.well-known/jwks.json');
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(body.keys.length).toBeGreaterThan(0);
  for (const key of body.keys)
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
});

describe('a forged access token is refused', () => {
  const second = () => Math.floor(Date.now() / 1000);
  const otherKey = generateKeyPairSync('ed25519').privateKey;

  const forge = async (change: {
    alg?: string;
    typ?: string;
    issuer?: string;
    audience?: string;
    issuedAt?: number;
    notBefore?: number;
    expires?: number;
    omit?: string;
  }) => {
    // The service's own key, so that only what is changed is wrong.
    const ownSecret = deriveSecrets(() => [developmentSecret]).keyEncryption();
    const { current } = await readKeyRing(auth.service.database, ownSecret);
    const claims: Record<string, unknown> = {
      iss: change.issuer ?? tokenIssuer,
      aud: change.audience ?? tokenAudience,
      sub: subject.accountId,
      sid: subject.sessionId,
      roles: ['customer'],
      iat: change.issuedAt ?? second(),
      nbf: change.notBefore ?? second(),
      exp: change.expires ?? second() + 600,
    };
    if (change.omit) delete claims[change.omit];
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: current!.kid, typ: change.typ ?? 'at+jwt' })
      .sign(current!.privateKey);
  };
  const use = (token: string) => auth.send('GET', '/api/v1/auth/sessions', { token });

  beforeAll(async () => {
    // Signing anything makes the first key.
    await auth.register('forger@example.com');
  });

  test('unless nothing is changed', async () => {
    expect((await use(await forge({}))).status).toBe(200);
  });

  test.each([
    ['of another issuer', { issuer: 'urn:someone:else' }],
    ['for another audience', { audience: 'urn:something:else' }],
    ['that has expired', { expires: second() - 60, issuedAt: second() - 660, notBefore: second() - 660 }],
    ['that is not valid yet', { notBefore: second() + 60 }],
    ['of another type', { typ: 'JWT' }],
    ['without expiry', { omit: 'exp' }],
    ['without session', { omit: 'sid' }],
    ['without roles', { omit: 'roles' }],
  ])('one %s', async (_name, change) => {
    const { status, headers, body } = await use(await forge(change));
    expect(status).toBe(401);
    expect(body.type).toBe('urn:bulkhead:problem:invalid-token');
    expect(headers.get('www-authenticate')).toContain('invalid_token');
  });

  test('one without a signature', async () => {
    const none = new UnsecuredJWT({ sid: subject.sessionId, roles: ['admin'] })
      .setIssuer(tokenIssuer)
      .setAudience(tokenAudience)
      .setSubject(subject.accountId)
      .setExpirationTime('10m')
      .setIssuedAt()
      .encode();
    expect((await use(none)).status).toBe(401);
  });

  test('one signed with another key, or with the public key as a shared secret', async () => {
    const header = decodeProtectedHeader(await forge({}));
    const claims = (jwt: SignJWT) =>
      jwt
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setSubject(subject.accountId)
        .setExpirationTime('10m')
        .setIssuedAt();
    const base = () => new SignJWT({ sid: subject.sessionId, roles: ['admin'] });
    const { body } = await auth.send('GET', '/.well-known/jwks.json');
    const publicBytes = Buffer.from(body.keys[0].x, 'base64url');
    const wrongKey = await claims(base().setProtectedHeader({ ...header, alg: 'EdDSA' })).sign(otherKey);
    const confused = await claims(base().setProtectedHeader({ ...header, alg: 'HS256' })).sign(publicBytes);
    for (const token of [wrongKey, confused]) expect((await use(token)).status).toBe(401);
  });

  test('one that was changed after signing', async () => {
    const [header, payload, signature] = (await forge({})).split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
    const changed = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
    expect((await use(`${header}.${changed}.${signature}`)).status).toBe(401);
  });
});
