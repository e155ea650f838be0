import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
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
import type { Tracing } from '@bulkhead/telemetry/trace';
import express, { type Express } from 'express';
import { CallerGone, callerGoneStatus, isUnexpected, problem, toProblemAnswer } from '../errors';
import type { Ids } from '../ids';
import { type ServiceIdentityVerifier, serviceTokenHeader } from '../identity/service-identity';
import { methodNotAllowed, nothingHere, optionsOf } from './address';
import { openEventStream } from './event-stream';
import { createRequestObserver } from './observe-request';
import type { Operation } from './operation';
import { type IncomingCall, type Pipeline, type PipelineDependencies } from './pipeline';
import { defaultBodyLimit, parseJsonBody, parseQuery, readBody, wasHandedOn } from './read-request';
import { createRouteTable } from './route-table';
import { securityHeaders, writeAnswer } from './write-answer';

export const requestIdHeader = 'x-request-id';

/** What a request without a deadline gets, and the most that any may ask for, in ms. */
const defaultDeadlineMs = 10_000;
const maxDeadlineMs = 60_000;

export interface HttpAppDependencies extends PipelineDependencies {
  readonly ids: Ids;
  readonly identities: ServiceIdentityVerifier;
  readonly tracing: Tracing;
  readonly metrics: HttpServerMetrics;
  /** Ends open streams. */
  readonly shutdown: AbortSignal;
}

/**
 * Answers a service's operations over HTTP. A request whose path is a plain one finds its operation in a table; whatever
 * else comes, from encoded characters to methods that are not there, is for the Express app behind it.
 */
export function createHttpListener(
  operations: readonly Operation[],
  pipelines: ReadonlyMap<string, Pipeline>,
  dependencies: HttpAppDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  const answers = operations.map((operation) => ({
    endpoint: operation.endpoint,
    answer: createAnswer(operation, pipelines.get(operation.endpoint.operationId)!, dependencies),
    parameters: parametersOf(operation.endpoint.path),
  }));
  const table = createRouteTable(answers);
  // A path without parameters goes before any other, and need not be taken apart to be found.
  const whole = new Map(
    answers
      .filter(({ parameters }) => parameters.length === 0)
      .map(({ endpoint: { path } }) => [path, table.find(plainSegments(path)!)]),
  );
  const app = createHttpApp(answers, operations, dependencies);

  return (request, response) => {
    const path = pathOf(request.url!);
    const known = whole.get(path)?.get(request.method!);
    if (known) return known.answer(request, response, {});
    const segments = plainSegments(path);
    const found = segments && table.find(segments)?.get(request.method!);
    if (!found) return void app(request, response);
    const params: Record<string, string> = {};
    for (const { name, at } of found.parameters) params[name] = segments[at]!;
    found.answer(request, response, params);
  };
}

/** Where in a path its parameters stand. */
const parametersOf = (path: string): readonly { readonly name: string; readonly at: number }[] =>
  path
    .split('/')
    .slice(1)
    .flatMap((segment, at) => (segment.startsWith('{') ? [{ name: segment.slice(1, -1), at }] : []));

/** Unreserved characters (RFC 3986 §2.3), of which none means anything else, in segments that are not empty. */
const plainPath = /^(?:\/[\w.~-]+)+$/;

/** @returns the segments of a path, or undefined where it takes more than splitting to read them */
const plainSegments = (path: string): readonly string[] | undefined =>
  plainPath.test(path) ? path.slice(1).split('/') : undefined;

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** The Express app that answers whatever came by an unusual path. */
function createHttpApp(
  answers: readonly { readonly endpoint: Endpoint; readonly answer: Answer }[],
  operations: readonly Operation[],
  dependencies: HttpAppDependencies,
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Express hashes every body for an ETag otherwise; services that have versions send their own.
  app.set('etag', false);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);

  for (const { endpoint, answer } of answers)
    app[endpoint.method](
      expressPath(endpoint.path),
      (request: IncomingMessage & { params: Record<string, string> }, response: ServerResponse) =>
        answer(request, response, request.params),
    );
  app.use(createFallback(operations, dependencies));
  // Express recognises an error handler by its four parameters.
  app.use((error: unknown, request: IncomingMessage, response: ServerResponse, _next: unknown) => {
    const requestId = requestIdOf(request, dependencies.ids);
    const malformed = error instanceof URIError || (error as { status?: number }).status === 400;
    const cause = malformed
      ? problem('malformed-request', 'The path is not valid percent-encoded UTF-8.')
      : error;
    if (isUnexpected(cause)) dependencies.logger.error({ error: cause }, 'request failed outside a handler');
    if (!response.headersSent) writeAnswer(response, toProblemAnswer(cause, requestId), requestId, true);
  });
  return app;
}

/** `/orders/{orderId}` as Express writes it: `/orders/:orderId`. */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

type Params = Readonly<Record<string, string>>;
type Answer = (request: IncomingMessage, response: ServerResponse, params: Params) => void;

function createAnswer(operation: Operation, pipeline: Pipeline, dependencies: HttpAppDependencies): Answer {
  const { endpoint } = operation;
  const { ids, identities, clock } = dependencies;
  const observed = createRequestObserver(endpoint, dependencies, 'http');
  const respond = async (
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    requestId: string,
  ): Promise<number> => {
    try {
      const token = request.headers[serviceTokenHeader] as string | undefined;
      const caller = identities.known(token) ?? (await identities.verify(token));
      const call = new HttpCall(request, response, params, requestId, caller, endpoint, clock);
      if (operation.stream) {
        const respond = request.method === 'HEAD' ? respondStreamHead : respondStream;
        return await respond(call, operation, pipeline, response, dependencies);
      }
      const answer = await pipeline.answer(call);
      writeAnswer(response, answer, requestId, request.method !== 'HEAD');
      return answer.status;
    } catch (error) {
      if (error instanceof InjectedFault && error.breaksConnection) {
        response.destroy();
        return error.status;
      }
      if (error instanceof CallerGone) return callerGoneStatus;
      if (isUnexpected(error)) dependencies.logger.error({ error, route: endpoint.path }, 'request failed');
      const answer = toProblemAnswer(error, requestId);
      if (!response.headersSent) writeAnswer(response, answer, requestId, request.method !== 'HEAD');
      return answer.status;
    }
  };

  return (request, response, params) => {
    const requestId = requestIdOf(request, ids);
    void observed(header(request, 'traceparent'), header(request, 'tracestate'), requestId, () =>
      respond(request, response, params, requestId),
    );
  };
}

/** A request as a call. One class, since there is one of it for every request: nothing is made before it is asked for. */
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
    // An event of the past: nobody would tell of it again.
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
  const headers = { ...securityHeaders, [requestIdHeader]: call.requestId };
  const stream = openEventStream(response, headers, call.headers['last-event-id'], shutdown);
  try {
    await operation.stream?.(request, context, stream);
  } catch (error) {
    if (!stream.started && !stream.signal.aborted) throw error;
    if (!stream.signal.aborted) logger.warn({ error, route: operation.endpoint.path }, 'stream broke');
  }
  stream.close();
  return 200;
}

const headOnly = new Error('only the head of the stream was asked for');

/**
 * What GET would answer, without its stream (RFC 9110 §9.3.2): the handler checks what it checks, and finds the stream over
 * when it would begin to follow.
 */
async function respondStreamHead(
  call: IncomingCall,
  operation: Operation,
  pipeline: Pipeline,
  response: ServerResponse,
): Promise<number> {
  const { request, context } = await pipeline.admit(call, async (request, context) => ({ request, context }));
  const headers = { ...securityHeaders, [requestIdHeader]: call.requestId };
  const over = AbortSignal.abort(headOnly);
  const stream = openEventStream(response, headers, call.headers['last-event-id'], over);
  try {
    await operation.stream?.(request, context, stream);
  } catch (error) {
    if (error !== headOnly) throw error;
  }
  stream.close();
  return 200;
}

/** What no operation answers: OPTIONS and methods that a path does not have, and paths where nothing is. */
function createFallback(operations: readonly Operation[], { ids, metrics, clock }: HttpAppDependencies) {
  const paths = operations.map(({ endpoint }) => ({
    method: endpoint.method.toUpperCase(),
    pattern: new RegExp(`^${endpoint.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const observe = metrics.forRoute('GET', 'unmatched');
  return (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = clock.monotonic();
    const path = (request.url ?? '').split('?')[0] ?? '';
    const methods = paths.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    const requestId = requestIdOf(request, ids);
    const answer =
      methods.length > 0 && request.method === 'OPTIONS'
        ? optionsOf(methods)
        : toProblemAnswer(methods.length > 0 ? methodNotAllowed(methods) : nothingHere(), requestId);
    writeAnswer(response, answer, requestId, request.method !== 'HEAD');
    observe(answer.status, (clock.monotonic() - startedAt) / 1000);
  };
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function requestIdOf(request: IncomingMessage, ids: Ids): string {
  const given = header(request, requestIdHeader);
  if (given && uuid.test(given)) return given;
  const made = ids.next();
  request.headers[requestIdHeader] = made;
  return made;
}
