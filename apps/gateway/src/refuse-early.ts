import type { IncomingMessage } from 'node:http';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import { AdmissionRefused } from '@bulkhead/resilience/errors';
import { toProblemResponse } from '@bulkhead/service/errors';
import { pathsOf } from '@bulkhead/service/http/express-app';
import { type ObservedRoute, observedRoute } from '@bulkhead/service/http/observe-request';
import { writeResponse } from '@bulkhead/service/http/write-response';
import type { RequestHandler } from 'express';
import type { GatewayParts } from './gateway-parts';

/**
 * Refuses what would be refused in a moment, before anything is done for it: no span, no token is verified, no session
 * looked up, no body read. Under overload most requests are refused, and what that costs is missing for those who are
 * served: at twice the peak, a refusal that costs half of a page leaves nothing for pages.
 *
 * It needs no rate limit: who is refused here got nothing. Whoever is not refused here is judged again when their request
 * is whole; targets that are not in their canonical form always are.
 */
export function refuseEarly(
  parts: Pick<GatewayParts, 'routes' | 'shedders' | 'cors' | 'metrics' | 'dependencies'>,
): RequestHandler {
  const { shedders, cors, metrics } = parts;
  const { ids, clock } = parts.dependencies;
  const limits = [...shedders.values()];
  const find = createFinder(parts);
  return (request, response, next) => {
    // Mostly there is room for everybody, and nothing to look for.
    if (limits.every(hasRoom)) return next();
    const since = clock.monotonic();
    const found = find(request);
    const reason = found?.shedder.refuses(found.waiting);
    if (!found || reason === undefined) return next();
    const requestId = ids.next();
    const { status, headers, body } = toProblemResponse(new AdmissionRefused(reason), requestId);
    const answer = { status, headers: { ...cors.headersFor(request), ...headers }, body };
    writeResponse(response, answer, requestId, request.method !== 'HEAD');
    metrics.rejected('overload');
    found.observed.observe(status, (clock.monotonic() - since) / 1000);
  };
}

/** For the lowest priority, and so for all. */
const hasRoom = (limit: AdmissionQueue): boolean => limit.inFlight < limit.placesFor('browse');

interface Found {
  readonly shedder: AdmissionQueue;
  readonly waiting: Parameters<AdmissionQueue['refuses']>[0];
  readonly observed: ObservedRoute;
}

interface Pattern {
  /** Of the path; undefined stands for any. */
  readonly segments: readonly (string | undefined)[];
  readonly found: Found;
}

/**
 * Finds the route of a request by the path as it is written: what is written otherwise it does not find. Its own table,
 * as Express tries one route after another; in the order in which Express does, so that both find the same route.
 */
function createFinder({ routes, shedders, metrics }: Pick<GatewayParts, 'routes' | 'shedders' | 'metrics'>) {
  const plain = new Map<string, Found>();
  const patterns = new Map<string, Pattern[]>();
  for (const { service, endpoint } of pathsOf(routes).flatMap(({ here }) => here)) {
    const { method, path, priority, operationId: kind } = endpoint;
    const shedder = shedders.get(service);
    if (!shedder) throw new Error(`the gateway knows no ${service}`);
    const found = { shedder, waiting: { priority, kind }, observed: observedRoute(endpoint, metrics) };
    const verb = method.toUpperCase();
    if (!path.includes('{')) plain.set(`${verb} ${path}`, found);
    else {
      const segments = segmentsOf(path);
      const key = `${verb} ${segments.length}`;
      patterns.set(key, [...(patterns.get(key) ?? []), { segments, found }]);
    }
  }
  return ({ method = '', url = '' }: IncomingMessage): Found | undefined => {
    const verb = method === 'HEAD' ? 'GET' : method;
    const queryAt = url.indexOf('?');
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    const known = plain.get(`${verb} ${path}`);
    if (known) return known;
    const segments = path.split('/');
    return patterns
      .get(`${verb} ${segments.length}`)
      ?.find(({ segments: pattern }) =>
        pattern.every((segment, at) => segment === undefined || segment === segments[at]),
      )?.found;
  };
}

const segmentsOf = (path: string): (string | undefined)[] =>
  path.split('/').map((segment) => (segment.startsWith('{') ? undefined : segment));
