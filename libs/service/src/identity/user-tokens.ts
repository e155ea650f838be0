import type { Role } from '@bulkhead/contracts/endpoint';
import { Id } from '@bulkhead/contracts/primitives';
import type { Clock } from '@bulkhead/resilience/clock';
import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { problem } from '../errors';
import { type KeySet, KeysUnavailable } from './key-set';
import { createTokenCache } from './token-cache';

/** The user of a request. */
export interface User {
  readonly id: string;
  readonly roles: readonly Role[];
  /** The session (refresh token family) of the token. */
  readonly sessionId: string;
  /** Expiry of the token, ms since the epoch. */
  readonly expiresAt: number;
}

export interface UserTokenVerifier {
  /**
   * Verifies an access token: signature, algorithm, issuer, audience, expiry and not-before (RFC 7519, RFC 8725).
   * @throws ProblemError invalid-token, with a WWW-Authenticate header (RFC 6750 §3); unavailable when the issuer's
   *   keys cannot be loaded
   */
  verify(token: string): Promise<User>;
  /** The token's owner, if that is known synchronously. */
  known(token: string): User | undefined;
}

export const tokenIssuer = 'urn:bulkhead:auth';
export const tokenAudience = 'urn:bulkhead:api';
export const tokenAlgorithms = ['EdDSA', 'RS256'];
/** Tolerated clock skew between pods, in seconds. */
const clockToleranceSeconds = 5;

const Claims = z.object({
  sub: Id,
  sid: Id,
  roles: z.array(z.enum(['customer', 'admin'])).max(10),
  exp: z.number(),
});

export function createUserTokenVerifier(keys: KeySet, clock: Clock): UserTokenVerifier {
  const cache = createTokenCache<User>(clock);
  let withdrawals = keys.withdrawals();
  const known = (token: string) => {
    if (withdrawals !== keys.withdrawals()) cache.clear();
    withdrawals = keys.withdrawals();
    return cache.get(token);
  };
  return {
    known,
    async verify(token) {
      const user = known(token);
      if (user) return user;
      try {
        const { payload } = await jwtVerify(token, keys.keyFor, {
          issuer: tokenIssuer,
          audience: tokenAudience,
          algorithms: tokenAlgorithms,
          typ: 'at+jwt',
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp', 'iat', 'sub', 'sid'],
        });
        const claims = Claims.parse(payload);
        const expiresAt = claims.exp * 1000;
        const user: User = { id: claims.sub, roles: claims.roles, sessionId: claims.sid, expiresAt };
        cache.set(token, user, expiresAt);
        return user;
      } catch (error) {
        if (error instanceof KeysUnavailable)
          throw problem('unavailable', {
            detail: 'Access tokens cannot be verified at the moment. Nothing was changed.',
            headers: { 'retry-after': '1' },
          });
        if (!(error instanceof errors.JOSEError || error instanceof z.ZodError || error instanceof TypeError))
          throw error;
        throw problem('invalid-token', {
          detail:
            error instanceof errors.JWTExpired ? 'The token has expired.' : 'The token was not accepted.',
          headers: { 'www-authenticate': 'Bearer realm="bulkhead", error="invalid_token"' },
        });
      }
    },
  };
}

/**
 * The token of an Authorization header (RFC 6750 §2.1).
 * @throws ProblemError unauthenticated when there is none, or it does not use the Bearer scheme
 */
export function bearerToken(authorization: string | undefined): string {
  const match = authorization?.match(/^Bearer ([A-Za-z0-9._~+/-]{1,4096}=*)$/i);
  if (match?.[1]) return match[1];
  throw problem('unauthenticated', {
    detail: 'Send an access token as Authorization: Bearer <token>.',
    headers: { 'www-authenticate': 'Bearer realm="bulkhead"' },
  });
}
