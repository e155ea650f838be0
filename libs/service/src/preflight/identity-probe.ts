import type { ServiceName } from '@bulkhead/contracts/services';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { type KeySet, KeysUnavailable } from '../identity/key-set';
import type { ServiceTokens } from '../identity/service-identity';
import { obstacleOf } from './network-error';
import { type Finding, failed, ok, type Probe, targetOf } from './probe';

export interface IdentityProbeOptions {
  readonly service: ServiceName;
  readonly peers: readonly ServiceName[];
  /** The folder of the tokens, as SERVICE_IDENTITY_DIR. */
  readonly folder: string;
  readonly tokens: ServiceTokens;
  /** As SERVICE_IDENTITY_ISSUER, if set. */
  readonly issuer: string | undefined;
  readonly subjectPrefix: string;
  /** Before the release is installed the service has no service account, and another one is used. */
  readonly beforeMigrations: boolean;
}

/** The service's own tokens, and the verification of its peers' tokens. */
export const identityProbe = (options: IdentityProbeOptions): Probe => ({
  name: 'identity',
  run: async () => [await lookAtTokens(options)],
});

async function lookAtTokens(options: IdentityProbeOptions): Promise<Finding> {
  const name = 'identity';
  const { service, peers, folder, tokens, issuer, subjectPrefix, beforeMigrations } = options;
  let own: JWTPayload = {};
  for (const audience of [service, ...peers]) {
    let payload: JWTPayload;
    try {
      payload = decodeJwt(await tokens.tokenFor(audience));
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      const why = syscall === undefined ? 'it is no JWT' : code;
      return failed(
        name,
        `SERVICE_IDENTITY_DIR: ${folder} holds no token for ${audience} (${why}); mount a projected service-account token with the audience ${audience} there.`,
      );
    }
    if (![payload.aud].flat().includes(audience))
      return failed(
        name,
        `SERVICE_IDENTITY_DIR: the token for ${audience} is for ${[payload.aud].flat().join(', ')}; mount one with the audience ${audience}.`,
      );
    if ((payload.exp ?? 0) * 1_000 < Date.now())
      return failed(
        name,
        `SERVICE_IDENTITY_DIR: the token for ${audience} has expired; mount one that is renewed, as the kubelet does.`,
      );
    if (audience === service) own = payload;
  }
  if (issuer !== undefined && own.iss !== issuer)
    return failed(
      name,
      `SERVICE_IDENTITY_ISSUER is ${issuer}, but the pod's own token is of ${own.iss}, so that all calls between the services would be refused; unset it (global.identity.issuer), or set it to ${own.iss}.`,
    );
  const subject = own.sub ?? '';
  if (!subject.startsWith(subjectPrefix))
    return failed(
      name,
      `SERVICE_IDENTITY_SUBJECT_PREFIX is ${subjectPrefix}, but the pod's own token is of ${subject}; set it to what stands before the service's name there.`,
    );
  if (!beforeMigrations && subject !== subjectPrefix + service)
    return failed(
      name,
      `SERVICE_IDENTITY_SUBJECT_PREFIX is ${subjectPrefix}, so that peers take ${subject} for no service; run this with the service account of ${service}, or set the prefix to what stands before ${service}.`,
    );
  return ok(name, `issued by ${own.iss} to ${subject}`);
}

export interface IssuerKeysProbeOptions {
  readonly service: ServiceName;
  readonly tokens: ServiceTokens;
  readonly keys: KeySet;
  /** As SERVICE_IDENTITY_JWKS: a URL or a file. */
  readonly place: string;
}

/** The keys with which callers' tokens are verified: they must match the pod's own token. */
export const issuerKeysProbe = ({ service, tokens, keys, place }: IssuerKeysProbeOptions): Probe => ({
  name: 'issuer keys',
  targets: URL.canParse(place) ? [targetOf('SERVICE_IDENTITY_JWKS', place)] : [],
  async run() {
    const name = 'issuer keys';
    const token = await tokens.tokenFor(service).catch(() => undefined);
    if (token === undefined)
      return [{ name, outcome: 'skipped', detail: 'not looked at, because of identity' }];
    try {
      await jwtVerify(token, keys.keyFor, { algorithms: ['RS256', 'ES256', 'EdDSA'], clockTolerance: 5 });
    } catch (error) {
      // Its validity period is judged with the others.
      if (!(error instanceof errors.JWTExpired)) return [failed(name, whyNot(error, place, token))];
    }
    return [ok(name, `those of ${place} fit the pod's own token`)];
  },
});

function whyNot(error: unknown, place: string, token: string): string {
  const at = `SERVICE_IDENTITY_JWKS: the keys at ${place}`;
  if (error instanceof errors.JOSEError)
    return `${at} are not those that signed the pod's own token; set it (global.identity.jwks) to the keys of ${decodeJwt(token).iss}.`;
  const cause = error instanceof KeysUnavailable ? error.cause : error;
  const { problem, remedy } = obstacleOf(cause, 'SERVICE_IDENTITY_JWKS_CA');
  return `${at} cannot be read: ${problem}; ${remedy ?? "set it (global.identity.jwks) to where the issuer's keys are"}.`;
}
