import { promisedBy } from '@bulkhead/contracts/apis';
import type { ServiceName } from '@bulkhead/contracts/services';
import { fetch } from 'undici';
import { type ServiceTokens, serviceTokenHeader, tokenRefusals } from '../identity/service-identity';
import { obstacleOf } from './network-error';
import { type Finding, failed, ok, type Probe, targetOf, warning } from './probe';

export interface PeerProbeOptions {
  readonly peer: ServiceName;
  /** As `<PEER>_URL`. */
  readonly url: string;
  readonly tokens: ServiceTokens;
}

/**
 * A peer: that it is reachable and accepts the service's token. It is asked for something this service may not have:
 * the caller is authenticated before it is authorised. From auth, the user token keys are fetched, which every service
 * needs.
 */
export const peerProbe = ({ peer, url, tokens }: PeerProbeOptions): Probe => {
  const variable = `${peer.toUpperCase()}_URL`;
  const name = peer;
  return {
    name,
    targets: [targetOf(variable, url)],
    async run({ signal, clocks }) {
      const token = await tokens.tokenFor(peer).catch(() => undefined);
      if (token === undefined)
        return [{ name, outcome: 'skipped', detail: 'not looked at, because of identity' }];
      const sentAt = Date.now();
      try {
        const response = await fetch(`${url.replace(/\/+$/, '')}${pathAt(peer)}`, {
          headers: { [serviceTokenHeader]: token },
          redirect: 'manual',
          signal,
        });
        clocks.noteDate(peer, response.headers.get('date'), sentAt);
        return [judge({ status: response.status, text: await response.text() })];
      } catch (error) {
        const { problem, remedy } = obstacleOf(error, 'NODE_EXTRA_CA_CERTS');
        return [
          failed(
            name,
            `${variable}: ${peer} at ${url} cannot be reached: ${problem}; ${remedy ?? `start ${peer}, or set ${variable} to where it listens`}.`,
          ),
        ];
      }
    },
  };

  function judge({ status, text }: { readonly status: number; readonly text: string }): Finding {
    const detail = detailOf(text);
    if (status === 403 && tokenRefusals.includes(detail ?? ''))
      return failed(
        name,
        `${peer} refuses the token of this service; its log says why, once a minute: set SERVICE_IDENTITY_ISSUER, SERVICE_IDENTITY_SUBJECT_PREFIX and SERVICE_IDENTITY_JWKS of ${peer} to what issues the tokens here.`,
      );
    if (detail === undefined && status !== 200)
      return failed(
        name,
        `${variable}: what responds at ${url} (${status}) is not ${peer}; set it to where ${peer} listens.`,
      );
    if (status >= 500) return warning(name, `${peer} responds, but is unavailable (${status}): ${detail}`);
    if (peer === 'auth' && !/"keys"\s*:\s*\[\s*\{/.test(text))
      return failed(
        name,
        `AUTH_URL: auth at ${url} has no keys of users' tokens (${status}), without which nobody can be signed in; set AUTH_URL to where auth listens.`,
      );
    return ok(name, `at ${url}`);
  }
};

/** Something readable, without side effects. */
function pathAt(peer: ServiceName): string {
  if (peer === 'auth') return '/.well-known/jwks.json';
  const found = promisedBy(peer).find(({ method, stream }) => method === 'get' && stream !== true);
  return (found?.path ?? '/').replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
}

/** Of problem+json (RFC 9457), as every service of the shop responds when there is nothing to return. */
function detailOf(text: string): string | undefined {
  try {
    const { type, detail, title } = JSON.parse(text) as { type?: unknown; detail?: unknown; title?: unknown };
    if (typeof type !== 'string') return undefined;
    return typeof detail === 'string' ? detail : String(title);
  } catch {
    return undefined;
  }
}
