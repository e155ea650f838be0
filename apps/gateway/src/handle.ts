import type { IncomingMessage, ServerResponse } from 'node:http';
import { needsLiveSession } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Release } from '@bulkhead/resilience/adaptive-limit';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import { deadlineAfter, deadlineHeader } from '@bulkhead/resilience/deadline';
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
import { requestIdHeader } from '@bulkhead/service/http/app';
import { endWithClient } from '@bulkhead/service/http/half-close';
import type { RouteTable } from '@bulkhead/service/http/route-table';
import type { StaticSite } from '@bulkhead/service/http/static-site';
import { writeAnswer } from '@bulkhead/service/http/write-answer';
import { bearerToken, type User, type UserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import type { Dependencies } from '@bulkhead/service/service';
import { type HttpServerMetrics, rejectionReason } from '@bulkhead/telemetry/http-server-metrics';
import type { ActiveSpan } from '@bulkhead/telemetry/trace';
import { clientAddress, clientKey, clientScheme } from './client-address';
import { compress } from './compression';
import type { GatewayConfig } from './config';
import type { Cors } from './cors';
import type { Document } from './documents';
import { forwardedHeaders } from './forwarded-headers';
import { canonicalTarget, readPath } from './path';
import type { FollowedSession, LiveSessions } from './live-sessions';
import type { RateLimits } from './rate-limits';
import type { Route } from './routes';
import type { RequestBodies } from './request-bodies';
import type { GuardedUpstream } from './upstreams';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly routes: RouteTable<Route>;
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

/** What is known of a request by the time it is answered; filled in on the way. */
interface Passage {
  readonly requestId: string;
  /** Headers for whatever the answer will be. */
  readonly answerHeaders: Record<string, string>;
  route?: Route;
}

/** The one door: every request of the world goes through here, in this order. */
export function createGatewayListener(parts: GatewayParts) {
  const { config, dependencies, metrics } = parts;
  const { clock, ids, tracing, logger } = dependencies;
  const observeRoute = createRouteObserver(metrics);

  return (request: IncomingMessage, response: ServerResponse): void => {
    const startedAt = clock.monotonic();
    const passage: Passage = { requestId: ids.next(), answerHeaders: {} };
    const client = tracing.extract(header(request, 'traceparent'), header(request, 'tracestate'));
    const method = request.method ?? 'GET';
    void tracing.span(
      method,
      {
        kind: 'server',
        parent: null,
        requestId: passage.requestId,
        attributes: { 'url.scheme': clientScheme(request, config.TRUSTED_HOPS) },
        ...(client ? { links: [client] } : {}),
      },
      async (span) => {
        metrics.inFlight.add(1);
        let status: number;
        try {
          status = await pass(request, response, passage, parts, span);
        } catch (error) {
          if (isUnexpected(error)) logger.error({ error }, 'the gateway failed');
          countRefusal(error, metrics);
          status = refuse(error, request, response, passage);
        }
        metrics.inFlight.add(-1);
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) {
          span.setAttribute('error.type', String(status));
          span.setStatus('error');
        }
        observeRoute(method, passage.route)(status, (clock.monotonic() - startedAt) / 1000, span.exemplar());
      },
    );
  };
}

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

/** @returns the status that was answered */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  passage: Passage,
  parts: GatewayParts,
  span: ActiveSpan,
): Promise<number> {
  const { config, routes, limits, cors, users, sessions, bodies, upstreams, documents, site } = parts;
  const { clock, shutdown } = parts.dependencies;
  const { answerHeaders, requestId } = passage;
  Object.assign(answerHeaders, cors.headersFor(request));
  const target = request.url ?? '/';
  const path = readPath(target);
  const { segments } = path;
  const address = clientAddress(request, config.TRUSTED_HOPS);

  const routesHere = routes.find(segments);
  const pathname = `/${segments.join('/')}`;
  const page = routesHere ? undefined : site?.answer(pathname, request.headers);
  const document = routesHere ? undefined : documents.get(pathname);
  const methods = routesHere?.keys() ?? ((page ?? document) && ['GET', 'HEAD']);
  // Browsers ask it before a page's own request, and nothing is done for it: it counts towards no limit.
  if (methods && request.method === 'OPTIONS')
    return answerOptions(request, response, passage, [...methods], cors);
  Object.assign(answerHeaders, limits.client(clientKey(address)));
  if (!methods) throw nothingHere();
  const route = routesHere?.get(request.method ?? '');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (page && isRead) {
    const answer = { ...page, headers: { ...answerHeaders, ...page.headers } };
    writeAnswer(response, answer, requestId, request.method === 'GET');
    return page.status;
  }
  if (document && isRead) return answerDocument(document, request, response, passage);
  if (!route) throw methodNotAllowed(methods);
  passage.route = route;
  const { endpoint, service } = route;
  span.setName(`${endpoint.method.toUpperCase()} ${endpoint.path}`);
  span.setAttribute('http.request.method', endpoint.method.toUpperCase());
  span.setAttribute('http.route', endpoint.path);

  const user = await authenticate(route, request, users);
  if (user) Object.assign(answerHeaders, limits.user(user.id));
  // A slow client takes its own time here: no place of the shop's is taken before its request is whole.
  const body = await bodies.read(request, endpoint);
  let release: Release | undefined;
  let dropped = false;
  let failed = false;
  let session: FollowedSession | undefined;
  try {
    const begunAt = clock.monotonic();
    // Before a place is taken: an auth that is slow keeps none of another service's.
    if (user && needsLiveSession(endpoint)) await sessions.require(user, endpoint, requestId);
    if (user && endpoint.stream) session = await sessions.follow(user, requestId);
    const { priority, operationId: kind } = endpoint;
    const shedder = parts.shedders.get(service);
    if (!shedder) throw nothingHere();
    release =
      shedder.tryAcquire(priority, kind) ?? (await waitForPlace(shedder, route, response, parts, begunAt));

    const headers = forwardedHeaders(request);
    headers[requestIdHeader] = requestId;
    headers['x-client-address'] = address;
    const timeoutMs = endpoint.stream
      ? undefined
      : Math.max(1, Math.floor(config.REQUEST_DEADLINE_MS - (clock.monotonic() - begunAt)));
    if (body) headers['content-length'] = String(body.length);
    else delete headers['content-length'];
    if (timeoutMs !== undefined) headers[deadlineHeader] = String(timeoutMs);
    answerHeaders['x-request-id'] = requestId;
    if (endpoint.stream) {
      endWithClient(response);
      // As in the bulkhead: it stays for as long as it likes, and a few would leave no place for anybody else.
      release({ ignored: true });
    } else compress(request, response);
    const upstream = upstreams.get(service);
    if (!upstream) throw nothingHere();
    const status = await upstream.forward(request, response, {
      endpoint,
      target: canonicalTarget(path, target),
      headers,
      timeoutMs,
      body,
      answerHeaders,
      priority: endpoint.priority,
      stream: endpoint.stream ?? false,
      ...(endpoint.stream
        ? { endWhen: session ? AbortSignal.any([shutdown, session.ended]) : shutdown }
        : {}),
    });
    failed = status >= 400;
    return status;
  } catch (error) {
    failed = true;
    dropped = isOverdue(error);
    if (error instanceof CallerGone) return callerGoneStatus;
    throw error;
  } finally {
    session?.leave();
    bodies.release(body);
    release?.({ dropped, failed });
  }
}

/** Waits for as long as the client does, and its deadline allows. @throws what AdmissionQueue.wait throws */
async function waitForPlace(
  shedder: AdmissionQueue,
  { endpoint: { priority, operationId: kind, stream } }: Route,
  response: ServerResponse,
  { config, dependencies: { clock } }: GatewayParts,
  begunAt: number,
): Promise<Release> {
  const gone = new AbortController();
  const onClose = () => gone.abort(new CallerGone());
  if (response.destroyed) onClose();
  else response.once('close', onClose);
  const spentMs = clock.monotonic() - begunAt;
  const deadline = deadlineAfter(clock, stream ? Infinity : config.REQUEST_DEADLINE_MS - spentMs);
  try {
    return await shedder.wait({ priority, kind, deadline, signal: gone.signal });
  } finally {
    response.off('close', onClose);
  }
}

const isOverdue = (error: unknown): boolean => (error as Error).name === 'DeadlineExceeded';

async function authenticate(
  { endpoint: { access } }: Route,
  request: IncomingMessage,
  users: UserTokenVerifier,
): Promise<User | undefined> {
  if (access.kind !== 'user' && access.kind !== 'role') return undefined;
  const token = bearerToken(request.headers.authorization);
  const user = users.known(token) ?? (await users.verify(token));
  if (access.kind === 'role' && !user.roles.includes(access.role))
    throw problem('forbidden', `This requires the ${access.role} role.`);
  return user;
}

function answerOptions(
  request: IncomingMessage,
  response: ServerResponse,
  { requestId }: Passage,
  methods: readonly string[],
  cors: Cors,
): number {
  const { status, headers } = optionsOf(methods);
  const answer = { status, headers: { ...headers, ...cors.preflight(request, methods) } };
  writeAnswer(response, answer, requestId, false);
  return status;
}

function answerDocument(
  document: Document,
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, answerHeaders }: Passage,
): number {
  const { body, encoding } = document.for(header(request, 'accept-encoding'));
  const { vary } = answerHeaders;
  const headers = {
    ...answerHeaders,
    'cache-control': 'public, max-age=300',
    // By Accept, too: a browser gets the storefront at the bare address.
    vary: [...(vary === undefined ? [] : [vary]), 'Accept', 'Accept-Encoding'].join(', '),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  };
  writeAnswer(response, { status: 200, headers, body }, requestId, request.method !== 'HEAD');
  return 200;
}

/** Answers an error, if nothing has been answered yet. */
function refuse(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, answerHeaders }: Passage,
): number {
  const answer = toProblemAnswer(error, requestId);
  if (response.headersSent || response.destroyed) return answer.status;
  const headers = { ...answerHeaders, ...answer.headers };
  writeAnswer(response, { ...answer, headers }, requestId, request.method !== 'HEAD');
  return answer.status;
}

function createRouteObserver(metrics: HttpServerMetrics) {
  const observers = new Map<Route, ReturnType<HttpServerMetrics['forRoute']>>();
  const unmatched = metrics.forRoute('GET', 'unmatched');
  return (method: string, route: Route | undefined) => {
    if (!route) return unmatched;
    let observe = observers.get(route);
    if (!observe) {
      observe = metrics.forRoute(method === 'HEAD' ? 'GET' : method, route.endpoint.path);
      observers.set(route, observe);
    }
    return observe;
  };
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};
