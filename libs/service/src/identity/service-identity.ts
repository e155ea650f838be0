import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isServiceName, type ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import { errors, jwtVerify } from 'jose';
import { problem } from '../errors';
import type { KeySet } from './key-set';
import { createTokenCache } from './token-cache';

/** The header in which a service proves who it is; the gateway drops any that comes from outside. */
export const serviceTokenHeader = 'x-service-token';

export interface ServiceIdentityVerifier {
  /** @throws ProblemError unauthenticated without a token, forbidden when it is not acceptable here, unavailable while the
   * issuer's keys were never to be had */
  verify(token: string | undefined): Promise<ServiceName>;
  /** Whose token it is, where that is known without waiting. */
  known(token: string | undefined): ServiceName | undefined;
}

/** Where a service gets the tokens with which it calls its peers. */
export interface ServiceTokens {
  tokenFor(peer: ServiceName): Promise<string>;
}

/**
 * Verifies projected service-account tokens (Kubernetes TokenRequest: audience-bound JWTs).
 *
 * @param audience the service that is called: tokens for another are refused
 * @param subjectPrefix `system:serviceaccount:<namespace>:` and the release's prefix, if any
 */
export function createServiceIdentityVerifier(options: {
  readonly keys: KeySet;
  readonly issuer: string;
  readonly audience: ServiceName;
  readonly subjectPrefix: string;
  readonly clock: Clock;
}): ServiceIdentityVerifier {
  const { keys, issuer, audience, subjectPrefix, clock } = options;
  const cache = createTokenCache<ServiceName>(clock, 1_000);
  const known = (token: string | undefined) => (token ? cache.get(token) : undefined);
  return {
    known,
    async verify(token) {
      if (!token) throw problem('unauthenticated', 'This address is for services of the shop.');
      const known = cache.get(token);
      if (known) return known;
      let subject: string;
      let expiresAt: number;
      try {
        const { payload } = await jwtVerify(token, keys.keyFor, {
          issuer,
          audience,
          algorithms: ['RS256', 'ES256', 'EdDSA'],
          clockTolerance: 5,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp', 'sub'],
        });
        subject = payload.sub!;
        expiresAt = payload.exp! * 1000;
      } catch (error) {
        if (!(error instanceof errors.JOSEError))
          throw problem('unavailable', {
            detail: 'The keys of the service tokens cannot be fetched.',
            headers: { 'retry-after': '1' },
          });
        throw problem('forbidden', 'The service token is not acceptable here.');
      }
      const name = subject.startsWith(subjectPrefix) ? subject.slice(subjectPrefix.length) : '';
      if (!isServiceName(name))
        throw problem('forbidden', 'The service token is not of a service of the shop.');
      cache.set(token, name, expiresAt);
      return name;
    },
  };
}

const rereadMs = 60_000;

/** Tokens from a folder with one file a peer, as projected volumes mount them; read anew every minute. */
export function createFileServiceTokens(folder: string, clock: Clock): ServiceTokens {
  const cache = new Map<ServiceName, { token: Promise<string>; readAt: number }>();
  return {
    tokenFor(peer) {
      const cached = cache.get(peer);
      if (cached && clock.monotonic() - cached.readAt < rereadMs) return cached.token;
      const token = readFile(join(folder, peer), 'utf8').then((text) => text.trim());
      cache.set(peer, { token, readAt: clock.monotonic() });
      token.catch(() => cache.delete(peer));
      return token;
    },
  };
}
