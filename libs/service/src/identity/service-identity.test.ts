import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createKeySet } from './key-set';
import { createServiceIdentityVerifier } from './service-identity';

const issuer = 'urn:test:issuer';
const subjectPrefix = 'system:serviceaccount:shop:';
const clock = createVirtualClock();

const setUp = async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'own' };
  const seconds = Math.floor(clock.now() / 1000);
  const sign = (change: Record<string, unknown> = {}, key = privateKey) =>
    new SignJWT({
      iss: issuer,
      sub: `${subjectPrefix}order`,
      aud: 'payment',
      exp: seconds + 600,
      ...change,
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'own' })
      .sign(key);
  const verifier = createServiceIdentityVerifier({
    keys: createKeySet(async () => ({ keys: [jwk] }), clock),
    issuer,
    audience: 'payment',
    subjectPrefix,
    clock,
  });
  return { seconds, sign, verifier };
};

describe('the token of a service', () => {
  it('tells which service calls, also the second time', async () => {
    const { sign, verifier } = await setUp();
    const token = await sign();
    expect(verifier.known(token)).toBeUndefined();
    expect(await verifier.verify(token)).toBe('order');
    expect(verifier.known(token)).toBe('order');
    expect(await verifier.verify(token)).toBe('order');
  });

  it.each([
    ['of another issuer', { iss: 'urn:someone:else' }],
    ['for another service', { aud: 'inventory' }],
    ['for nobody in particular', { aud: undefined }],
    ['of another namespace', { sub: 'system:serviceaccount:else:order' }],
    ['of no service of the shop', { sub: `${subjectPrefix}default` }],
    ['that has expired', { exp: Math.floor(clock.now() / 1000) - 60 }],
    ['that never expires', { exp: undefined }],
    ['that is not valid yet', { nbf: Math.floor(clock.now() / 1000) + 60 }],
  ])('is refused when it is one %s', async (_, change) => {
    const { sign, verifier } = await setUp();
    await expect(verifier.verify(await sign(change))).rejects.toMatchObject({ slug: 'forbidden' });
  });

  it('is refused when it is signed with another key, and missing when there is none', async () => {
    const { sign, verifier } = await setUp();
    const { privateKey } = await generateKeyPair('EdDSA');
    await expect(verifier.verify(await sign({}, privateKey))).rejects.toMatchObject({ slug: 'forbidden' });
    await expect(verifier.verify(undefined)).rejects.toMatchObject({ slug: 'unauthenticated' });
  });

  it('is good no longer than it says, however often it was seen', async () => {
    const { sign, seconds, verifier } = await setUp();
    const token = await sign({ exp: seconds + 10 });
    expect(await verifier.verify(token)).toBe('order');
    await clock.advance(11_000);
    expect(verifier.known(token)).toBeUndefined();
    await clock.advance(10_000);
    await expect(verifier.verify(token)).rejects.toMatchObject({ slug: 'forbidden' });
  });

  it('cannot be judged before the keys were ever to be had, which is not the caller’s fault', async () => {
    const { sign } = await setUp();
    const keys = createKeySet(() => Promise.reject(new Error('the issuer is away')), clock);
    const verifier = createServiceIdentityVerifier({
      keys,
      issuer,
      audience: 'payment',
      subjectPrefix,
      clock,
    });
    await expect(verifier.verify(await sign())).rejects.toMatchObject({ slug: 'unavailable' });
  });
});
