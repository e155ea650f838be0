import { systemClock } from '@bulkhead/resilience/clock';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { randomIds } from '../ids';
import { createKeySet } from './key-set';
import { createUserTokenVerifier, tokenAudience, tokenIssuer } from './user-tokens';

it.each([
  ['RS256', true],
  ['RS512', false],
  ['PS256', false],
])('an access token signed with %s by a key that does not say for what it is: good %s', async (alg, good) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  // Without `alg`, the key would do for every algorithm of RSA.
  const { alg: _, ...jwk } = await exportJWK(publicKey);
  const verifier = createUserTokenVerifier(
    createKeySet(async () => ({ keys: [{ ...jwk, kid: 'rsa' }] }), systemClock),
    systemClock,
  );
  const id = randomIds.next();
  const token = await new SignJWT({ sid: randomIds.next(), roles: ['customer'] })
    .setProtectedHeader({ alg, kid: 'rsa', typ: 'at+jwt' })
    .setIssuer(tokenIssuer)
    .setAudience(tokenAudience)
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey);
  if (good) expect(await verifier.verify(token)).toMatchObject({ id });
  else await expect(verifier.verify(token)).rejects.toMatchObject({ slug: 'invalid-token' });
});

it.each([
  ['does not answer in time', () => new DeadlineExceeded()],
  ['does not answer in time, to fetch', () => new DOMException('The operation timed out', 'TimeoutError')],
  ['cannot be reached', () => new TypeError('fetch failed')],
])(
  'while the issuer %s no token is called bad, and everybody is asked to come again',
  async (_how, error) => {
    const verifier = createUserTokenVerifier(
      createKeySet(() => Promise.reject(error()), systemClock),
      systemClock,
    );
    const { privateKey } = await generateKeyPair('EdDSA');
    const token = await new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid: 'any' }).sign(privateKey);
    await expect(verifier.verify(token)).rejects.toMatchObject({
      slug: 'unavailable',
      details: { headers: { 'retry-after': '1' } },
    });
  },
);
