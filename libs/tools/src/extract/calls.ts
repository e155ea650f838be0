import { internalApis, publicApis } from '@bulkhead/contracts/apis';
import type { Endpoint, Endpoints } from '@bulkhead/contracts/endpoint';
import { serviceNames } from '@bulkhead/contracts/services';
import type { Parts } from '../missing-parts';

/** The calls of a service to others. */
export interface Calls {
  readonly caller: string;
  readonly peer: string;
  readonly endpoints: readonly Endpoint[];
}

type Apis = Readonly<Record<string, Endpoints | undefined>>;
const publicOf = (peer: string): Endpoints => (publicApis as Apis)[peer] ?? {};
const internalOf = (peer: string): Endpoints => (internalApis as Apis)[peer] ?? {};

/**
 * All calls between services of the shop, including those that the gateway forwards. Except for one: every service
 * fetches the keys of users' access tokens from auth.
 */
export const callsIn = (parts: Parts): Calls[] =>
  serviceNames.flatMap((caller) =>
    serviceNames
      .filter((peer) => peer !== caller)
      .map((peer) => ({ caller, peer, endpoints: endpointsOf(caller, peer, parts) }))
      .filter(({ endpoints }) => endpoints.length > 0),
  );

function endpointsOf(caller: string, peer: string, parts: Parts): Endpoint[] {
  const internal = Object.values(internalOf(peer)).filter(
    ({ access }) => access.kind === 'service' && (access.callers as readonly string[]).includes(caller),
  );
  const forUsers = caller === 'gateway' ? Object.values(publicOf(peer)) : publicCalls(caller, peer, parts);
  return [...new Set([...internal, ...forUsers])];
}

/**
 * The user endpoints that a service itself calls, such as `peer('product', { listProducts: productApi.listProducts })`.
 */
function publicCalls(caller: string, peer: string, { read, list }: Parts): Endpoint[] {
  const clients = new RegExp(`\\bpeer\\('${peer}',[^;]*?\\)`, 'g');
  const named = new RegExp(`\\b${peer}Api\\.(\\w+)`, 'g');
  return list(`apps/${caller}/src`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...(read(file) ?? '').matchAll(clients)])
    .flatMap(([client]) => [...client.matchAll(named)])
    .map(([, name]) => publicOf(peer)[name!])
    .filter((endpoint) => endpoint !== undefined);
}
