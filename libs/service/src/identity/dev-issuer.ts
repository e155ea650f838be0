import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Issuer of identities outside of a cluster; rejected in production. */
export const devIssuer = 'urn:bulkhead:dev-issuer';
export const devSubjectPrefix = 'system:serviceaccount:dev:';

/**
 * Creates a key and signs a token for every pair of services, in the layout of projected volumes: `<folder>/jwks.json`
 * and `<folder>/<service>/<peer>`. The private key is discarded.
 *
 * @param lifetimeSeconds how long the tokens are valid
 */
export async function issueDevIdentities(folder: string, lifetimeSeconds: number): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const kid = 'dev';
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }] };
  await writeFile(join(folder, 'jwks.json'), JSON.stringify(jwks), { mode: 0o600 });
  const sign = (service: ServiceName, peer: ServiceName) =>
    new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setIssuer(devIssuer)
      .setSubject(devSubjectPrefix + service)
      .setAudience(peer)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
      .sign(privateKey);
  for (const service of serviceNames) {
    await mkdir(join(folder, service), { recursive: true, mode: 0o700 });
    for (const peer of serviceNames)
      await writeFile(join(folder, service, peer), await sign(service, peer), { mode: 0o600 });
  }
}
