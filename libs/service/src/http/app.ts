import type { IncomingMessage, ServerResponse } from 'node:http';
import { deprecationHeaders } from '@bulkhead/contracts/deprecation';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { ProblemSlug } from '@bulkhead/contracts/problem';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import {
  type Deadline,
  deadlineAfter,
  deadlineHeader,
  fromHeader,
  noDeadline,
} from '@bulkhead/resilience/deadline';
import { InjectedFault } from '@bulkhead/resilience/faults';
import type { HttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Tracing } from '@bulkhead/telemetry/trace';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import { CallerGone, problem } from '../errors';
import type { Ids } from '../ids';
import { type ServiceIdentityVerifier, serviceTokenHeader } from '../identity/service-identity';
import { methodNotAllowed, nothingHere, optionsOf } from './address';
import { errorResponse } from './error-response';
import { openEventStream } from './event-stream';
import { createExpressApp, pathsOf } from './express-app';
import { observedRoute, observeRequests, servedRequest } from './observe-request';
import type { Operation } from './operation';
import { type IncomingCall, type Pipeline, type PipelineDependencies } from './pipeline';
import { defaultBodyLimit, parseJsonBody, parseQuery, readBody, wasHandedOn } from './read-request';
import { requestIdHeader, requestIdOf } from './request-id';
import { securityHeaders, writeResponse } from './write-response';

/** Deadline of a request that brings none, and the maximum, in ms. */
const defaultDeadlineMs = 10_000;
const maxDeadlineMs = 60_000;

export interface HttpAppDependencies extends PipelineDependencies {
  readonly ids: Ids;
  readonly identities: ServiceIdentityVerifier;
  readonly tracing: Tracing;
  readonly metrics: HttpServerMetrics;
  /** Aborting it ends open streams. */
  readonly shutdown: AbortSignal;
}

/**
 * The Express app of a service: one route for each path of its operations, behind the service's own middleware.
 * @param configure called between the measuring of requests and the routes, for `app.use` and custom routes
 * @throws Error when two operations have the same method and path
 */
export function createHttpApp(
  operations: readonly Operation[],
  pipelines: ReadonlyMap<string, Pipeline>,
  dependencies: HttpAppDependencies,
  configure?: (app: Express) => void,
): Express {
  const { ids, tracing } = dependencies;
  const app = createExpressApp();
  app.use(
    observeRequests(dependencies, {
      requestId: (request) => requestIdOf(request, ids),
      span: ({ headers }) => ({
        // A root if the caller sent no span: in one process the current span is another service's.
        parent: tracing.extract(headers) ?? null,
        attributes: { 'url.scheme': 'http' },
      }),
    }),
  );
  configure?.(app);
  for (const { path, methods, here } of pathsOf(operations)) {
    const route = app.route(path);
    for (const operation of here) {
      const { operationId, method } = operation.endpoint;
      route[method](handleOperation(operation, pipelines.get(operationId)!, dependencies));
    }
    route.all(handleOtherMethods(methods));
  }
  app.use(() => {
    throw nothingHere();
  });
  app.use(handleErrors(dependencies.logger));
  return app;
}

type Params = Readonly<Record<string, string>>;

function handleOperation(
  operation: Operation,
  pipeline: Pipeline,
  dependencies: HttpAppDependencies,
): RequestHandler<Record<string, string>> {
  const { endpoint } = operation;
  const { identities, clock, metrics } = dependencies;
  const route = observedRoute(endpoint, metrics);
  const respond = async (
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    requestId: string,
  ): Promise<number> => {
    const token = request.headers[serviceTokenHeader] as string | undefined;
    const caller = identities.known(token) ?? (await identities.verify(token));
    const call = new HttpCall(request, response, params, requestId, caller, endpoint, clock);
    if (operation.stream) {
      const respond = request.method === 'HEAD' ? respondStreamHead : respondStream;
      return await respond(call, operation, pipeline, response, dependencies);
    }
    const answer = await pipeline.answer(call);
    writeResponse(response, answer, requestId, request.method !== 'HEAD');
    return answer.status;
  };

  return (request, response) => {
    const served = servedRequest(response);
    served.matched(route);
    const handled = respond(request, response, request.params, served.requestId).then(
      (status) => void (served.status = status),
    );
    served.handled = handled;
    return handled;
  };
}

/** OPTIONS, and methods that a path does not have. */
function handleOtherMethods(methods: readonly string[]): RequestHandler {
  return (request, response) => {
    if (request.method !== 'OPTIONS') throw methodNotAllowed(methods);
    writeResponse(response, optionsOf(methods), servedRequest(response).requestId, false);
  };
}

/** Responds to errors of middleware and handlers with a problem (RFC 9457). */
const handleErrors =
  (logger: Logger): ErrorRequestHandler =>
  // Express recognises an error handler by its four parameters.
  (error: unknown, request, response, _next) => {
    const served = servedRequest(response);
    if (error instanceof InjectedFault && error.breaksConnection) {
      served.status = error.status;
      return void response.destroy();
    }
    const answer = errorResponse(asProblem(error), served, logger);
    if (!answer) return;
    if (response.headersSent) return void (response.writableEnded || response.destroy());
    writeResponse(response, answer, served.requestId, request.method !== 'HEAD');
  };

/** Errors of Express and its middleware have a status: of a parameter that cannot be decoded, of a body parser. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { status, expose } = error as Error & { status?: number; expose?: boolean };
  if (error instanceof URIError && status === 400)
    return problem('malformed-request', 'The path is not valid percent-encoded UTF-8.');
  const slug = expose === true && slugOfStatus[String(status)];
  return slug ? problem(slug, error.message) : error;
}

const slugOfStatus: Readonly<Record<string, ProblemSlug>> = {
  400: 'malformed-request',
  413: 'content-too-large',
  415: 'unsupported-media-type',
};

/** A request as a call. A class, since one is created for every request; values are computed on first use. */
class HttpCall implements IncomingCall {
  readonly requestId: string;
  readonly caller: ServiceName;
  readonly params: Params;
  readonly deadline: Deadline;
  readonly headers: Record<string, string | undefined>;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #endpoint: Endpoint;
  #gone: AbortController | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    requestId: string,
    caller: ServiceName,
    endpoint: Endpoint,
    clock: Clock,
  ) {
    this.#request = request;
    this.#response = response;
    this.#endpoint = endpoint;
    this.params = params;
    this.requestId = requestId;
    this.caller = caller;
    this.headers = request.headers as Record<string, string | undefined>;
    this.deadline = endpoint.stream
      ? noDeadline(clock)
      : (fromHeader(clock, this.headers[deadlineHeader], maxDeadlineMs) ??
        deadlineAfter(clock, defaultDeadlineMs));
  }

  query() {
    return parseQuery(this.#request.url ?? '');
  }

  async body(): Promise<unknown> {
    const { rawBody, bodyLimit = defaultBodyLimit } = this.#endpoint;
    const body = await readBody(this.#request, bodyLimit);
    return rawBody ? (body ?? Buffer.alloc(0)) : parseJsonBody(body, this.headers['content-type']);
  }

  get admitted(): boolean {
    return wasHandedOn(this.#request);
  }

  get gone(): AbortSignal {
    if (this.#gone) return this.#gone.signal;
    const gone = (this.#gone = new AbortController());
    // The event has already been emitted and will not be emitted again.
    if (this.#response.destroyed) gone.abort(new CallerGone());
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) gone.abort(new CallerGone());
    });
    return gone.signal;
  }
}

/** @returns the status, once the stream has ended */
async function respondStream(
  call: IncomingCall,
  operation: Operation,
  pipeline: Pipeline,
  response: ServerResponse,
  { shutdown, logger }: HttpAppDependencies,
): Promise<number> {
  const { request, context } = await pipeline.admit(call, async (request, context) => ({ request, context }));
  const stream = streamOf(call, operation, response, shutdown);
  try {
    await operation.stream?.(request, context, stream);
  } catch (error) {
    if (!stream.started && !stream.signal.aborted) throw error;
    if (!stream.signal.aborted) logger.warn({ error, route: operation.endpoint.path }, 'stream failed');
  }
  stream.close();
  return 200;
}

/** @param over ends it */
function streamOf(
  { headers, requestId }: IncomingCall,
  { endpoint }: Operation,
  response: ServerResponse,
  over: AbortSignal,
) {
  return openEventStream(
    response,
    { ...securityHeaders, ...deprecationHeaders(endpoint), [requestIdHeader]: requestId },
    headers['last-event-id'],
    over,
  );
}

const headOnly = new Error('only the head of the stream was asked for');

/**
 * What GET would return, without its stream (RFC 9110 §9.3.2): the handler does its checks, and finds the stream closed
 * when it would start to follow.
 */
async function respondStreamHead(
  call: IncomingCall,
  operation: Operation,
  pipeline: Pipeline,
  response: ServerResponse,
): Promise<number> {
  const { request, context } = await pipeline.admit(call, async (request, context) => ({ request, context }));
  const stream = streamOf(call, operation, response, AbortSignal.abort(headOnly));
  try {
    await operation.stream?.(request, context, stream);
  } catch (error) {
    if (error !== headOnly) throw error;
  }
  stream.close();
  return 200;
}
