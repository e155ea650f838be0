import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@bulkhead/resilience/clock';
import { toProblemResponse } from '@bulkhead/service/errors';
import { methodNotAllowed, nothingHere, optionsOf } from '@bulkhead/service/http/address';
import type { ResponseValue } from '@bulkhead/service/http/operation';
import type { StaticSite } from '@bulkhead/service/http/static-site';
import { writeResponse } from '@bulkhead/service/http/write-response';
import type { Ids } from '@bulkhead/service/ids';
import type { HttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';

export interface SiteListenerParts {
  readonly site: StaticSite;
  readonly metrics: HttpServerMetrics;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Answers GET and HEAD with files of the site, which are in memory: nothing here waits for anybody. */
export function createSiteListener({ site, metrics, clock, ids }: SiteListenerParts) {
  const observe = {
    page: metrics.forRoute('GET', '/{page}'),
    asset: metrics.forRoute('GET', '/assets/{file}'),
    unmatched: metrics.forRoute('GET', 'unmatched'),
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    const startedAt = clock.monotonic();
    const requestId = ids.next();
    const found = find(site, request);
    const answer = answerTo(request.method, found, requestId);
    writeResponse(response, answer, requestId, request.method !== 'HEAD');
    const route = !found ? 'unmatched' : request.url!.startsWith('/assets/') ? 'asset' : 'page';
    observe[route](answer.status, (clock.monotonic() - startedAt) / 1_000);
  };
}

/** Load balancers ask for the bare address without saying that they want a page. */
function find(site: StaticSite, { url = '/', headers }: IncomingMessage): ResponseValue | undefined {
  const pathname = decodedPath(url);
  if (pathname === undefined) return undefined;
  return site.answer(pathname === '/' ? '/index.html' : pathname, headers);
}

function decodedPath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split(/[?#]/, 1)[0]!);
  } catch {
    return undefined;
  }
}

function answerTo(
  method: string | undefined,
  found: ResponseValue | undefined,
  requestId: string,
): ResponseValue {
  if (!found) return toProblemResponse(nothingHere(), requestId);
  if (method === 'OPTIONS') return optionsOf(['GET']);
  return method === 'GET' || method === 'HEAD'
    ? found
    : toProblemResponse(methodNotAllowed(['GET']), requestId);
}
