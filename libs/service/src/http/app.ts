import type { IncomingMessage, ServerResponse } from 'node:http';
import { deadlineAfter, deadlineHeader, fromHeader, noDeadline } from '@bulkhead/resilience/deadline';
import { InjectedFault } from '@bulkhead/resilience/faults';
import type { HttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import express, { type Express } from 'express';
import { CallerGone, isUnexpected, problem, toProblemAnswer } from '../errors';
import type { Ids } from '../ids';
import { type ServiceIdentityVerifier, serviceTokenHeader } from '../identity/service-identity';
import { openEventStream } from './event-stream';
import { createRequestObserver } from './observe-request';
import type { Operation } from './operation';
import { type IncomingCall, type Pipeline, type PipelineDependencies } from './pipeline';
import { defaultBodyLimit, parseJsonBody, parseQuery, readBody } from './read-request';
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

/** The Express app that answers a service's operations over HTTP. */
export function createHttpApp(
  operations: readonly Operation[],
  pipelines: ReadonlyMap<string, Pipeline>,
  dependencies: HttpAppDependencies,
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Express hashes every body for an ETag otherwise; services that have versions send their own.
  app.set('etag', false);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);

  for (const operation of operations) {
    const { method, path } = operation.endpoint;
    const pipeline = pipelines.get(operation.endpoint.operationId)!;
    app[method](expressPath(path), createRequestListener(operation, pipeline, dependencies));
  }
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

type Listener = (
  request: IncomingMessage & { params: Record<string, string> },
  response: ServerResponse,
) => void;

function createRequestListener(
  operation: Operation,
  pipeline: Pipeline,
  dependencies: HttpAppDependencies,
): Listener {
  const { endpoint } = operation;
  const { ids } = dependencies;
  const observed = createRequestObserver(endpoint, dependencies);
  const respond = async (request: Parameters<Listener>[0], response: ServerResponse): Promise<number> => {
    const requestId = requestIdOf(request, ids);
    try {
      const call = await incomingCall(request, response, requestId, operation, dependencies);
      if (operation.stream) return await respondStream(call, operation, pipeline, response, dependencies);
      const answer = await pipeline.answer(call);
      writeAnswer(response, answer, requestId, request.method !== 'HEAD');
      return answer.status;
    } catch (error) {
      if (error instanceof InjectedFault && error.breaksConnection) {
        response.destroy();
        return error.status;
      }
      if (isUnexpected(error)) dependencies.logger.error({ error, route: endpoint.path }, 'request failed');
      const answer = toProblemAnswer(error, requestId);
      if (!response.headersSent) writeAnswer(response, answer, requestId, request.method !== 'HEAD');
      return answer.status;
    }
  };

  return (request, response) => {
    void observed(
      {
        traceparent: header(request, 'traceparent'),
        tracestate: header(request, 'tracestate'),
        requestId: requestIdOf(request, ids),
        scheme: 'http',
      },
      () => respond(request, response),
    );
  };
}

async function incomingCall(
  request: Parameters<Listener>[0],
  response: ServerResponse,
  requestId: string,
  { endpoint }: Operation,
  { clock, identities }: HttpAppDependencies,
): Promise<IncomingCall> {
  const headers = request.headers as Record<string, string | undefined>;
  const caller = await identities.verify(headers[serviceTokenHeader]);
  const deadline = endpoint.stream
    ? noDeadline(clock)
    : (fromHeader(clock, headers[deadlineHeader], maxDeadlineMs) ?? deadlineAfter(clock, defaultDeadlineMs));
  let gone: AbortController | undefined;
  return {
    requestId,
    deadline,
    caller,
    params: request.params,
    headers,
    query: () => parseQuery(request.url ?? ''),
    body: async () => {
      const body = await readBody(request, endpoint.bodyLimit ?? defaultBodyLimit);
      return endpoint.rawBody ? (body ?? Buffer.alloc(0)) : parseJsonBody(body, headers['content-type']);
    },
    get gone() {
      if (gone) return gone.signal;
      gone = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) gone?.abort(new CallerGone());
      });
      return gone.signal;
    },
  };
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

/** 405 where the path exists with other methods (RFC 9110 §15.5.6), 404 elsewhere. */
function createFallback(operations: readonly Operation[], { ids, metrics, clock }: HttpAppDependencies) {
  const paths = operations.map(({ endpoint }) => ({
    method: endpoint.method.toUpperCase(),
    pattern: new RegExp(`^${endpoint.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const observe = metrics.forRoute('GET', 'unmatched');
  return (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = clock.monotonic();
    const path = (request.url ?? '').split('?')[0] ?? '';
    const allowed = new Set(paths.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    const requestId = requestIdOf(request, ids);
    const cause =
      allowed.size > 0
        ? problem('method-not-allowed', { headers: { allow: [...allowed].join(', ') } })
        : problem('not-found', 'There is nothing at this address.');
    const answer = toProblemAnswer(cause, requestId);
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
