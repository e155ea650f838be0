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
 * Rejects requests that would be rejected anyway before any work: no span, no token verification, no session look-up,
 * no body. Under overload most requests are rejected, and their cost is lost for the others: at twice the peak, a
 * rejection that costs half of a page leaves nothing for pages.
 *
 * It needs no rate limit: a request rejected here got nothing. Others are checked again when they are complete; targets
 * that are not in canonical form always are.
 */
export function refuseEarly(
  parts: Pick<GatewayParts, 'routes' | 'shedders' | 'cors' | 'metrics' | 'dependencies'>,
): RequestHandler {
  const { shedders, cors, metrics } = parts;
  const { ids, clock } = parts.dependencies;
  const limits = [...shedders.values()];
  const find = createFinder(parts);
  return (request, response, next) => {
    // Usually there is room for all priorities, and no route to look up.
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
  /** Segments of the path; undefined matches any. */
  readonly segments: readonly (string | undefined)[];
  readonly found: Found;
}

/**
 * Finds the route of a request by its literal path; other spellings are not found. A separate table, since Express
 * tries one route after another; in Express's order, so that both find the same route.
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
