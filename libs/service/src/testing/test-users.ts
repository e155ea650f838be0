import type { Role } from '@bulkhead/contracts/endpoint';
import type { Clock } from '@bulkhead/resilience/clock';
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import { randomIds } from '../ids';
import { tokenAudience, tokenIssuer } from '../identity/user-tokens';

/** Signs access tokens as auth would, for tests of the services behind it. */
export interface TestUsers {
  readonly keys: () => Promise<JSONWebKeySet>;
  /** `Bearer …` for a user. */
  authorization(userId: string, roles?: readonly Role[], token?: TestToken): Promise<string>;
}

export interface TestToken {
  /** Default: a session of its own. */
  readonly sessionId?: string;
  /** How long it is good for at least; a second more at most. Default 600. */
  readonly seconds?: number;
}

export async function createTestUsers(clock: Clock): Promise<TestUsers> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const kid = 'test';
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' };
  return {
    keys: async () => ({ keys: [jwk] }),
    async authorization(userId, roles = ['customer'], { sessionId = randomIds.next(), seconds = 600 } = {}) {
      const second = clock.now() / 1000;
      const now = Math.floor(second);
      const token = await new SignJWT({ roles: [...roles], sid: sessionId })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setSubject(userId)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(Math.ceil(second + seconds))
        .sign(privateKey);
      return `Bearer ${token}`;
    },
  };
}
