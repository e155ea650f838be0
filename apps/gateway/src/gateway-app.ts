import type { IncomingMessage } from 'node:http';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import { AdmissionRefused, BreakerOpen, BulkheadFull } from '@bulkhead/resilience/errors';
import {
  CallerGone,
  callerGoneStatus,
  isUnexpected,
  PeerUnavailable,
  problem,
  ProblemError,
  toProblemAnswer,
} from '@bulkhead/service/errors';
import { methodNotAllowed, nothingHere, optionsOf } from '@bulkhead/service/http/address';
import { createExpressApp, pathsOf } from '@bulkhead/service/http/express-app';
import { observedRoute, observeRequests, servedRequest } from '@bulkhead/service/http/observe-request';
import type { StaticSite } from '@bulkhead/service/http/static-site';
import { writeAnswer } from '@bulkhead/service/http/write-answer';
import { bearerToken, type UserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import type { Dependencies } from '@bulkhead/service/service';
import { type HttpServerMetrics, rejectionReason } from '@bulkhead/telemetry/http-server-metrics';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { clientAddress, clientKey, clientScheme } from './client-address';
import { compress } from './compression';
import type { GatewayConfig } from './config';
import type { Cors } from './cors';
import type { Document } from './documents';
import { forward, isOverdue } from './forward';
import type { LiveSessions } from './live-sessions';
import { Passage, passageOf } from './passage';
import { canonicalTarget, readPath } from './path';
import type { RateLimits } from './rate-limits';
import type { RequestBodies } from './request-bodies';
import type { Route } from './routes';
import type { GuardedUpstream } from './upstreams';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly routes: readonly Route[];
  readonly users: UserTokenVerifier;
  readonly sessions: LiveSessions;
  readonly limits: RateLimits;
  readonly cors: Cors;
  readonly bodies: RequestBodies;
  /** One for each upstream: whoever waits for one that is slow takes no place of another's. */
  readonly shedders: ReadonlyMap<ServiceName, AdmissionQueue>;
  readonly metrics: HttpServerMetrics;
  readonly upstreams: ReadonlyMap<ServiceName, GuardedUpstream>;
  /** Documents that the gateway answers itself, by path. */
  readonly documents: ReadonlyMap<string, Document>;
  /** The storefront; undefined where another server has it. */
  readonly site: StaticSite | undefined;
  readonly dependencies: Pick<Dependencies, 'clock' | 'ids' | 'logger' | 'tracing' | 'shutdown'>;
}

/** Entry point for all external traffic; the order of the steps matters. */
export function createGatewayApp(parts: GatewayParts): Express {
  const { metrics, dependencies } = parts;
  const app = createExpressApp();
  app.use(observe(parts));
  app.use(begin(parts));
  for (const { path, methods, here } of pathsOf(parts.routes)) {
    const route = app.route(path);
    // Browsers send it before a page's own request, and nothing is done for it: it counts towards no limit.
    route.options(preflight(parts.cors, methods));
    route.all(limitClient(parts.limits));
    for (const { service, endpoint } of here)
      route[endpoint.method](
        match(endpoint, metrics),
        ...authenticate(endpoint, parts),
        ...(endpoint.stream ? [] : [compress]),
        forward({ service, endpoint }, parts),
      );
    route.all(() => {
      throw methodNotAllowed(methods);
    });
  }
  app.use(serveDocuments(parts));
  app.use(limitClient(parts.limits), () => {
    throw nothingHere();
  });
  app.use(refuse(metrics, dependencies));
  return app;
}

const observe = ({ config, metrics, dependencies: { clock, ids, tracing } }: GatewayParts): RequestHandler =>
  observeRequests(
    { clock, tracing, metrics },
    {
      requestId: () => ids.next(),
      // A trace begins here: what a client says about one of its own is a link and no more.
      span(request) {
        const { headers } = request;
        const client = tracing.extract(header(headers['traceparent']), header(headers['tracestate']));
        return {
          parent: null,
          attributes: { 'url.scheme': clientScheme(request, config.TRUSTED_HOPS) },
          ...(client ? { links: [client] } : {}),
        };
      },
    },
  );

/** Reads what every step needs, and has Express match the one canonical form of the path. */
const begin =
  ({ config, cors }: GatewayParts): RequestHandler =>
  (request, response, next) => {
    const passage = new Passage(clientAddress(request, config.TRUSTED_HOPS));
    response.locals['passage'] = passage;
    Object.assign(passage.headers, cors.headersFor(request));
    const path = readPath(request.url);
    passage.segments = path.segments;
    request.url = canonicalTarget(path, request.url);
    next();
  };

const preflight =
  (cors: Cors, methods: readonly string[]): RequestHandler =>
  (request, response) => {
    const { status, headers } = optionsOf(methods);
    const answer = { status, headers: { ...headers, ...cors.preflight(request, methods) } };
    writeAnswer(response, answer, servedRequest(response).requestId, false);
  };

const limitClient =
  (limits: RateLimits): RequestHandler =>
  (_request, response, next) => {
    const { address, headers } = passageOf(response);
    Object.assign(headers, limits.client(clientKey(address)));
    next();
  };

function match(endpoint: Route['endpoint'], metrics: HttpServerMetrics): RequestHandler {
  const route = observedRoute(endpoint, metrics);
  return (_request, response, next) => {
    servedRequest(response).matched(route);
    next();
  };
}

/** For endpoints that need a user: who it is, whether they have the role, and their own rate limit. */
function authenticate({ access }: Route['endpoint'], { users, limits }: GatewayParts): RequestHandler[] {
  if (access.kind !== 'user' && access.kind !== 'role') return [];
  return [
    async (request, response, next) => {
      const token = bearerToken(request.headers.authorization);
      const user = users.known(token) ?? (await users.verify(token));
      if (access.kind === 'role' && !user.roles.includes(access.role))
        throw problem('forbidden', `This requires the ${access.role} role.`);
      const passage = passageOf(response);
      passage.user = user;
      Object.assign(passage.headers, limits.user(user.id));
      next();
    },
  ];
}

/** The storefront's files and pages, and the gateway's own documents. */
function serveDocuments({ site, documents, cors, limits }: GatewayParts): RequestHandler {
  const methods = ['GET', 'HEAD'];
  const answerOptions = preflight(cors, methods);
  const limit = limitClient(limits);
  return (request, response, next) => {
    const passage = passageOf(response);
    const pathname = `/${passage.segments.join('/')}`;
    const page = site?.answer(pathname, request.headers);
    const document = documents.get(pathname);
    if (!page && !document) return next();
    if (request.method === 'OPTIONS') return void answerOptions(request, response, next);
    limit(request, response, () => {
      if (!methods.includes(request.method)) throw methodNotAllowed(methods);
      const answer = page
        ? { ...page, headers: { ...passage.headers, ...page.headers } }
        : documentAnswer(document!, request, passage);
      writeAnswer(response, answer, servedRequest(response).requestId, request.method === 'GET');
    });
  };
}

function documentAnswer(document: Document, request: IncomingMessage, passage: Passage) {
  const { body, encoding } = document.for(header(request.headers['accept-encoding']));
  const { vary } = passage.headers;
  const headers = {
    ...passage.headers,
    'cache-control': 'public, max-age=300',
    // By Accept, too: a browser gets the storefront at the bare address.
    vary: [...(vary === undefined ? [] : [vary]), 'Accept', 'Accept-Encoding'].join(', '),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  };
  return { status: 200, headers, body };
}

/** Answers whatever a step throws with a problem, if nothing has been answered yet. */
const refuse =
  (metrics: HttpServerMetrics, { logger }: GatewayParts['dependencies']): ErrorRequestHandler =>
  // Express recognises an error handler by its four parameters.
  (error: unknown, request, response, _next) => {
    const served = servedRequest(response);
    if (error instanceof CallerGone) return void (served.status = callerGoneStatus);
    if (isUnexpected(error)) logger.error({ error }, 'the gateway failed');
    countRefusal(error, metrics);
    const answer = toProblemAnswer(error, served.requestId);
    served.status = answer.status;
    if (response.headersSent || response.destroyed) return;
    const headers = { ...passageOf(response).headers, ...answer.headers };
    writeAnswer(response, { ...answer, headers }, served.requestId, request.method !== 'HEAD');
  };

/** Why no service was asked, or none answered in time. */
function countRefusal(error: unknown, metrics: HttpServerMetrics): void {
  if (isOverdue(error)) return metrics.deadlineExceeded();
  const reason =
    error instanceof ProblemError
      ? rejectionReason(error.slug)
      : error instanceof AdmissionRefused
        ? 'overload'
        : error instanceof BreakerOpen || error instanceof BulkheadFull || error instanceof PeerUnavailable
          ? 'unavailable'
          : undefined;
  if (reason) metrics.rejected(reason);
}

const header = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
