import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { Clock } from '@bulkhead/resilience/clock';
import type { HttpServerMetrics, ObserveResponse } from '@bulkhead/telemetry/http-server-metrics';
import type { ActiveSpan, RemoteParent, SpanOptions, Tracing } from '@bulkhead/telemetry/trace';
import type { RequestHandler } from 'express';
import { callerGoneStatus } from '../errors';
import type { Pipeline } from './pipeline';

export interface RequestObservation {
  readonly tracing: Tracing;
  readonly metrics: HttpServerMetrics;
  readonly clock: Clock;
}

/** How one kind of listener describes its requests. */
export interface RequestDescription {
  requestId(request: IncomingMessage): string;
  /** In addition to every server span's options: the caller's span or a link to it, and the scheme. */
  span(request: IncomingMessage): Pick<SpanOptions, 'parent' | 'links' | 'attributes'>;
}

/** A route in metrics and traces: its template, never the requested path. */
export interface ObservedRoute {
  /** Name of its spans: `GET /orders/{orderId}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly observe: ObserveResponse;
}

export const observedRoute = (
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  metrics: HttpServerMetrics,
): ObservedRoute => {
  const verb = method.toUpperCase();
  return { name: `${verb} ${path}`, method: verb, path, observe: metrics.forRoute(verb, path) };
};

/** A request being served, with what is known about it by its end. */
export class ServedRequest {
  readonly requestId: string;
  readonly #span: ActiveSpan;
  #route: ObservedRoute | undefined;
  /** The status to count if it differs from the response's: a disconnected caller gets none. */
  status: number | undefined;
  /** The handler's work, which may outlast its caller. */
  handled: Promise<unknown> | undefined;

  constructor(requestId: string, span: ActiveSpan) {
    this.requestId = requestId;
    this.#span = span;
  }

  get route(): ObservedRoute | undefined {
    return this.#route;
  }

  /** Names the span and the series of the request. */
  matched(route: ObservedRoute): void {
    this.#route = route;
    this.#span.setName(route.name);
    this.#span.setAttribute('http.request.method', route.method);
    this.#span.setAttribute('http.route', route.path);
  }
}

/** The record of observeRequests for the request with this `response`. */
export const servedRequest = (response: ServerResponse): ServedRequest =>
  (response as ServerResponse & { locals: { served: ServedRequest } }).locals.served;

/**
 * The first middleware of an app: runs everything behind it in a server span and measures it until the response was
 * sent, or the caller disconnected, and its handler has ended. Names and attributes follow OpenTelemetry's semantic
 * conventions for HTTP servers (stable since 1.23).
 */
export function observeRequests(
  { tracing, metrics, clock }: RequestObservation,
  describe: RequestDescription,
): RequestHandler {
  const unmatched = metrics.forRoute('GET', 'unmatched');
  return (request, response, next) => {
    const startedAt = clock.monotonic();
    const requestId = describe.requestId(request);
    const options = { kind: 'server', requestId, ...describe.span(request) } as const;
    void tracing.span(request.method, options, async (span) => {
      const served = new ServedRequest(requestId, span);
      response.locals['served'] = served;
      metrics.inFlight.add(1);
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      next();
      await closed;
      // Express has already handled its errors.
      if (served.handled) await served.handled.catch(() => undefined);
      metrics.inFlight.add(-1);
      const status = served.status ?? (response.headersSent ? response.statusCode : callerGoneStatus);
      endSpan(span, status);
      const observe = served.route?.observe ?? unmatched;
      observe(status, (clock.monotonic() - startedAt) / 1000, span.exemplar());
    });
  };
}

/** Measures calls of peers in this process, which reach the pipeline without a socket. */
export function observePipeline(
  pipeline: Pipeline,
  { tracing, metrics, clock }: RequestObservation,
): Pipeline {
  const { name, method, path, observe } = observedRoute(pipeline.endpoint, metrics);
  const attributes = { 'http.request.method': method, 'http.route': path, 'url.scheme': 'inproc' };
  return {
    ...pipeline,
    answer(call) {
      const startedAt = clock.monotonic();
      const { headers, requestId } = call;
      // A root if the caller sent no span: the current one is another service's.
      const parent: RemoteParent | null = tracing.extract(headers) ?? null;
      return tracing.span(name, { kind: 'server', attributes, parent, requestId }, async (span) => {
        metrics.inFlight.add(1);
        try {
          const answer = await pipeline.answer(call);
          endSpan(span, answer.status);
          observe(answer.status, (clock.monotonic() - startedAt) / 1000, span.exemplar());
          return answer;
        } finally {
          metrics.inFlight.add(-1);
        }
      });
    },
  };
}

function endSpan(span: ActiveSpan, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status < 500) return;
  span.setAttribute('error.type', String(status));
  span.setStatus('error');
}
