import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createKeySet } from './key-set';
import { createRefusalLog } from './refusal-log';
import { createOwnIssuers, createServiceIdentityVerifier } from './service-identity';

const issuer = 'urn:test:issuer';
const subjectPrefix = 'system:serviceaccount:shop:';
const clock = createVirtualClock();

const silent = { refused: () => undefined };

const setUp = async (log = silent as Parameters<typeof createServiceIdentityVerifier>[0]['log']) => {
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
    issuers: async () => [issuer],
    audience: 'payment',
    subjectPrefix,
    clock,
    log,
  });
  return { seconds, sign, verifier };
};

describe('the token of a service', () => {
  it('identifies the calling service, also the second time', async () => {
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
      issuers: async () => [issuer],
      audience: 'payment',
      subjectPrefix,
      clock,
      log: silent,
    });
    await expect(verifier.verify(await sign())).rejects.toMatchObject({ slug: 'unavailable' });
  });
});

describe('why a service token is refused', () => {
  it('is logged, with who issued it and who should have', async () => {
    const warn = jest.fn();
    const { sign, verifier } = await setUp(createRefusalLog({ warn }, clock));
    await expect(verifier.verify(await sign({ iss: 'https://oidc.example/id/1' }))).rejects.toThrow();
    expect(warn).toHaveBeenCalledWith(
      {
        reason: `its issuer is https://oidc.example/id/1, and ${issuer} is expected`,
        count: 1,
        error: undefined,
      },
      'service token was rejected',
    );
  });

  it('is logged once a minute, with how often it happened since', async () => {
    const warn = jest.fn();
    const { sign, verifier } = await setUp(createRefusalLog({ warn }, clock));
    const refuse = async () => expect(verifier.verify(await sign({ aud: 'order' }))).rejects.toThrow();
    for (let call = 0; call < 3; call++) await refuse();
    await clock.advance(60_000);
    await refuse();
    expect(warn.mock.calls.map(([{ count, reason }]) => [count, reason])).toEqual([
      [1, 'unexpected "aud" claim value'],
      [3, 'unexpected "aud" claim value'],
    ]);
  });
});

describe('the issuer that nobody names', () => {
  it('is that of the service’s own token, and the one before it while tokens are renewed', async () => {
    const { sign } = await setUp();
    let own = await sign({ iss: 'https://one.example' });
    const issuers = createOwnIssuers({ tokenFor: async () => own }, 'payment');
    expect(await issuers()).toEqual(['https://one.example']);
    own = await sign({ iss: 'https://two.example' });
    expect(await issuers()).toEqual(['https://two.example', 'https://one.example']);
    own = await sign({ iss: 'https://three.example' });
    expect(await issuers()).toEqual(['https://three.example', 'https://two.example']);
  });

  it.each([
    ['no JWT', 'nonsense'],
    ['a JWT without one', `e30.${Buffer.from('{}').toString('base64url')}.`],
  ])('is not to be had from %s', async (_what, token) => {
    await expect(createOwnIssuers({ tokenFor: async () => token }, 'payment')()).rejects.toThrow(/^it /);
  });
});
