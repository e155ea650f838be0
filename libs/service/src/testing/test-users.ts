import type { Role } from '@bulkhead/contracts/endpoint';
import type { Clock } from '@bulkhead/resilience/clock';
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import { randomIds } from '../ids';
import { tokenAudience, tokenIssuer } from '../identity/user-tokens';

/** Signs access tokens as auth would, for tests of the services behind it. */
export interface TestUsers {
  readonly keys: () => Promise<JSONWebKeySet>;
  /** `Bearer …` for a user. */
  authorization(userId: string, roles?: readonly Role[]): Promise<string>;
}

export async function createTestUsers(clock: Clock): Promise<TestUsers> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const kid = 'test';
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' };
  return {
    keys: async () => ({ keys: [jwk] }),
    async authorization(userId, roles = ['customer']) {
      const now = Math.floor(clock.now() / 1000);
      const token = await new SignJWT({ roles: [...roles], sid: randomIds.next() })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setSubject(userId)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + 600)
        .sign(privateKey);
      return `Bearer ${token}`;
    },
  };
}
