import type { IncomingMessage } from 'node:http';
import { AdmissionRefused, BreakerOpen, BulkheadFull } from '@bulkhead/resilience/errors';
import { PeerUnavailable, problem, ProblemError } from '@bulkhead/service/errors';
import { methodNotAllowed, nothingHere, optionsOf } from '@bulkhead/service/http/address';
import { errorResponse } from '@bulkhead/service/http/error-response';
import { createExpressApp, pathsOf } from '@bulkhead/service/http/express-app';
import { observedRoute, observeRequests, servedRequest } from '@bulkhead/service/http/observe-request';
import { writeResponse } from '@bulkhead/service/http/write-response';
import { bearerToken } from '@bulkhead/service/identity/user-tokens';
import { type HttpServerMetrics, rejectionReason } from '@bulkhead/telemetry/http-server-metrics';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { clientAddress, clientKey, clientScheme } from './client-address';
import { compress } from './compression';
import type { Cors } from './cors';
import type { Document } from './documents';
import { forward, isOverdue } from './forward';
import type { GatewayParts } from './gateway-parts';
import { RequestContext, requestContextOf } from './request-context';
import { canonicalTarget, readPath } from './path';
import { pageReport, takePageReport } from './page-report';
import type { RateLimits } from './rate-limits';
import { refuseEarly } from './refuse-early';
import type { Route } from './routes';

/** Entry point for all external traffic; the order of the steps matters. */
export function createGatewayApp(parts: GatewayParts): Express {
  const { metrics, dependencies } = parts;
  const app = createExpressApp();
  app.use(refuseEarly(parts));
  app.use(observe(parts));
  app.use(begin(parts));
  for (const { path, methods, here } of pathsOf(parts.routes)) {
    const route = app.route(path);
    // Browsers send it before a page's own request, and it costs nothing: it does not count towards a limit.
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
  takePageReports(app, parts);
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
      // A trace starts here: the client's own trace only becomes a link.
      span(request) {
        const { headers } = request;
        const client = tracing.extract(headers);
        return {
          parent: null,
          attributes: { 'url.scheme': clientScheme(request, config.TRUSTED_HOPS) },
          ...(client ? { links: [client] } : {}),
        };
      },
    },
  );

/** Reads what every step needs, and makes Express match the canonical form of the path. */
const begin =
  ({ config, cors }: GatewayParts): RequestHandler =>
  (request, response, next) => {
    const context = new RequestContext(clientAddress(request, config.TRUSTED_HOPS));
    response.locals['requestContext'] = context;
    Object.assign(context.headers, cors.headersFor(request));
    const path = readPath(request.url);
    context.segments = path.segments;
    request.url = canonicalTarget(path, request.url);
    next();
  };

const preflight =
  (cors: Cors, methods: readonly string[]): RequestHandler =>
  (request, response) => {
    const { status, headers } = optionsOf(methods);
    const answer = { status, headers: { ...headers, ...cors.preflight(request, methods) } };
    writeResponse(response, answer, servedRequest(response).requestId, false);
  };

const limitClient =
  (limits: RateLimits): RequestHandler =>
  (_request, response, next) => {
    const { address, headers } = requestContextOf(response);
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

/** For endpoints that need a user: authentication, authorisation by role, and the user's own rate limit. */
function authenticate({ access }: Route['endpoint'], { users, limits }: GatewayParts): RequestHandler[] {
  if (access.kind !== 'user' && access.kind !== 'role') return [];
  return [
    async (request, response, next) => {
      const token = bearerToken(request.headers.authorization);
      const user = users.known(token) ?? (await users.verify(token));
      if (access.kind === 'role' && !user.roles.includes(access.role))
        throw problem('forbidden', `This requires the ${access.role} role.`);
      const context = requestContextOf(response);
      context.user = user;
      Object.assign(context.headers, limits.user(user.id));
      next();
    },
  ];
}

/** For pages of the gateway's own origin: pages of other origins are not allowed by a preflight. */
function takePageReports(app: Express, { pageReports, bodies, limits, metrics }: GatewayParts): void {
  app
    .route(pageReport.path)
    .all(limitClient(limits))
    .post(match(pageReport, metrics), takePageReport(pageReports, bodies))
    .all(() => {
      throw methodNotAllowed(['POST']);
    });
}

/** The storefront's files and pages, and the gateway's own documents. */
function serveDocuments({ site, documents, cors, limits }: GatewayParts): RequestHandler {
  const methods = ['GET', 'HEAD'];
  const answerOptions = preflight(cors, methods);
  const limit = limitClient(limits);
  return (request, response, next) => {
    const context = requestContextOf(response);
    const pathname = `/${context.segments.join('/')}`;
    const page = site?.answer(pathname, request.headers);
    const document = documents.get(pathname);
    if (!page && !document) return next();
    if (request.method === 'OPTIONS') return void answerOptions(request, response, next);
    limit(request, response, () => {
      if (!methods.includes(request.method)) throw methodNotAllowed(methods);
      const answer = page
        ? {
            ...page,
            headers: { ...context.headers, ...page.headers, vary: varying(context, page.headers?.['vary']) },
          }
        : documentResponse(document!, request, context);
      writeResponse(response, answer, servedRequest(response).requestId, request.method === 'GET');
    });
  };
}

function documentResponse(document: Document, request: IncomingMessage, context: RequestContext) {
  const { body, encoding } = document.for(header(request.headers['accept-encoding']));
  const headers = {
    ...context.headers,
    'cache-control': 'public, max-age=300',
    // By Accept, too: a browser gets the storefront at the bare address.
    vary: varying(context, 'Accept, Accept-Encoding'),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  };
  return { status: 200, headers, body };
}

/** What a response depends on besides the inputs of the previous steps (RFC 9110 §12.5.5). */
const varying = ({ headers: { vary } }: RequestContext, more: string | undefined): string =>
  [vary, more].filter((names) => names !== undefined).join(', ');

/** Responds with a problem to any error of a step, unless a response was already sent. */
const refuse =
  (metrics: HttpServerMetrics, { logger }: GatewayParts['dependencies']): ErrorRequestHandler =>
  // Express recognises an error handler by its four parameters.
  (error: unknown, request, response, _next) => {
    const served = servedRequest(response);
    const answer = errorResponse(error, served, logger);
    if (!answer) return;
    countRefusal(error, metrics);
    if (response.headersSent || response.destroyed) return;
    const headers = { ...requestContextOf(response).headers, ...answer.headers };
    writeResponse(response, { ...answer, headers }, served.requestId, request.method !== 'HEAD');
  };

/** Why no service was called, or none responded in time. */
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
