import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isServiceName, type ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import { decodeJwt, errors, jwtVerify } from 'jose';
import { problem } from '../errors';
import type { KeySet } from './key-set';
import type { RefusalLog } from './refusal-log';
import { createTokenCache } from './token-cache';

/** The header with a service's token; the gateway removes any that comes from outside. */
export const serviceTokenHeader = 'x-service-token';

const notAcceptable = 'The service token is not accepted.';
const notOfTheShop = 'The service token does not belong to a service of the shop.';

/** Details of the problem `forbidden` when a service's token is rejected, for every operation. */
export const tokenRefusals: readonly string[] = [notAcceptable, notOfTheShop];

export interface ServiceIdentityVerifier {
  /**
   * @throws ProblemError unauthenticated without a token, forbidden when it is not accepted here, unavailable while the
   *   issuer's keys could never be loaded
   */
  verify(token: string | undefined): Promise<ServiceName>;
  /** The token's owner, if that is known synchronously. */
  known(token: string | undefined): ServiceName | undefined;
}

/** Source of the tokens with which a service calls its peers. */
export interface ServiceTokens {
  tokenFor(peer: ServiceName): Promise<string>;
}

/** Accepted issuers of service tokens. */
export type Issuers = () => Promise<readonly string[]>;

/**
 * Verifies projected service-account tokens (Kubernetes TokenRequest: audience-bound JWTs).
 *
 * @param audience the called service: tokens for another are rejected
 * @param subjectPrefix `system:serviceaccount:<namespace>:` and the release's prefix, if any
 */
export function createServiceIdentityVerifier(options: {
  readonly keys: KeySet;
  readonly issuers: Issuers;
  readonly audience: ServiceName;
  readonly subjectPrefix: string;
  readonly clock: Clock;
  readonly log: RefusalLog;
}): ServiceIdentityVerifier {
  const { keys, issuers, audience, subjectPrefix, clock, log } = options;
  const cache = createTokenCache<ServiceName>(clock, 1_000);
  const known = (token: string | undefined) => (token ? cache.get(token) : undefined);
  return {
    known,
    async verify(token) {
      if (!token) throw problem('unauthenticated', 'This endpoint is internal. A service token is required.');
      const known = cache.get(token);
      if (known) return known;
      let subject: string;
      let expiresAt: number;
      try {
        const { payload } = await jwtVerify(token, keys.keyFor, {
          issuer: [...(await issuers())],
          audience,
          algorithms: ['RS256', 'ES256', 'EdDSA'],
          clockTolerance: 5,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp', 'sub'],
        });
        subject = payload.sub!;
        expiresAt = payload.exp! * 1000;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) {
          log.refused('the keys of the service tokens cannot be fetched', error);
          throw problem('unavailable', {
            detail: 'The signing keys for service tokens are unavailable.',
            headers: { 'retry-after': '1' },
          });
        }
        log.refused(await whyRefused(error, token, issuers));
        throw problem('forbidden', notAcceptable);
      }
      const name = subject.startsWith(subjectPrefix) ? subject.slice(subjectPrefix.length) : '';
      if (!isServiceName(name)) {
        log.refused(`its subject is ${subject}, and those of this shop begin with ${subjectPrefix}`);
        throw problem('forbidden', notOfTheShop);
      }
      cache.set(token, name, expiresAt);
      return name;
    },
  };
}

/** A description for the log; the caller does not see it. */
async function whyRefused(error: errors.JOSEError, token: string, issuers: Issuers): Promise<string> {
  if (!(error instanceof errors.JWTClaimValidationFailed) || error.claim !== 'iss') return error.message;
  const expected = (await issuers()).join(' or ');
  return `its issuer is ${String(decodeJwt(token).iss)}, and ${expected} is expected`;
}

const rereadMs = 60_000;

/**
 * The issuer of the service's own token, which is also its peers' issuer. It is read again when the token is renewed:
 * when a cluster changes its issuer, the previous one is still accepted, since peers use older tokens for a while.
 * @throws (from the result) Error when there is no such token, or no issuer in it
 */
export function createOwnIssuers(tokens: ServiceTokens, service: ServiceName): Issuers {
  let known: readonly string[] = [];
  return async () => {
    const issuer = issuerOf(await tokens.tokenFor(service));
    if (issuer !== known[0]) known = [issuer, ...known.slice(0, 1)];
    return known;
  };
}

function issuerOf(token: string): string {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch (cause) {
    throw new Error('it is no JWT', { cause });
  }
  if (!issuer) throw new Error('it names no issuer');
  return issuer;
}

/** Tokens from a folder with one file per peer, as mounted by projected volumes; read again every minute. */
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
