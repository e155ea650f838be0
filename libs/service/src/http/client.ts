import { type Endpoint, type Endpoints, isRepeatable, type RequestTo } from '@bulkhead/contracts/endpoint';
import type { Problem } from '@bulkhead/contracts/problem';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import {
  AttemptTimeout,
  BreakerOpen,
  BulkheadFull,
  DeadlineExceeded,
  isCancellation,
} from '@bulkhead/resilience/errors';
import type { CallOutcome, HttpClientMetrics } from '@bulkhead/telemetry/http-client-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import type { z } from 'zod';
import { PeerProblem, PeerUnavailable } from '../errors';
import type { CallContext } from './operation';
import type { PeerPolicies } from './peer-policies';

/** A call to a peer, independent of the transport. */
export interface OutgoingCall {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value, or undefined for none. */
  readonly body: unknown;
  readonly context: CallContext;
  readonly signal: AbortSignal;
}

/** A response with any status; the body is JSON or undefined. */
export interface PeerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** How calls reach a peer: over HTTP, or through its pipelines in this process. */
export interface PeerTransport {
  /** @throws PeerUnavailable when there is no response */
  send(call: OutgoingCall): Promise<PeerResponse>;
  close(): Promise<void>;
}

/** A successful response of an endpoint as a client reads it. */
export type ResponseFrom<E extends Endpoint> = {
  [S in keyof E['responses'] & number]: {
    readonly status: S;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: E['responses'][S] extends { schema: infer B extends z.ZodType } ? z.output<B> : undefined;
  };
}[keyof E['responses'] & number];

export interface CallOptions {
  /** Whether the call may probe a half-open circuit breaker. Default true; false if a user would wait for it. */
  readonly probe?: boolean;
}

/** A peer as its callers see it: one function per endpoint. */
export type Client<E extends Endpoints> = {
  readonly [K in keyof E]: (
    request: RequestTo<E[K]>,
    context: CallContext,
    options?: CallOptions,
  ) => Promise<ResponseFrom<E[K]>>;
};

export interface ClientDependencies {
  readonly transport: PeerTransport;
  readonly policies: PeerPolicies;
  readonly tracing: Tracing;
  readonly metrics: HttpClientMetrics;
  readonly clock: Clock;
}

/**
 * Creates the typed client of a peer. Every call is bounded by its context's deadline and goes through the policy.
 *
 * Its functions throw PeerProblem for any response that is a problem, PeerUnavailable when there is no response (its
 * `outcome` says whether the peer may have acted), BreakerOpen and BulkheadFull when the peer was not called, and
 * DeadlineExceeded.
 */
export function createClient<E extends Endpoints>(
  peer: ServiceName,
  endpoints: E,
  dependencies: ClientDependencies,
): Client<E> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [name, createCall(peer, endpoint, dependencies)]),
  ) as unknown as Client<E>;
}

interface LooseRequest {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

function createCall(
  peer: ServiceName,
  endpoint: Endpoint,
  { transport, policies, tracing, metrics, clock }: ClientDependencies,
) {
  const observe = metrics.forOperation(peer, endpoint.operationId);
  const policy = isRepeatable(endpoint) ? policies.repeatable : policies.once;
  const name = `${endpoint.method.toUpperCase()} ${endpoint.path}`;
  const attributes = {
    'http.request.method': endpoint.method.toUpperCase(),
    'url.template': endpoint.path,
    'server.address': peer,
  };

  return (request: LooseRequest, context: CallContext, options: CallOptions = {}) =>
    tracing.span(name, { kind: 'client', attributes }, async (span) => {
      let sends = 0;
      const startedAt = clock.monotonic();
      const done = (outcome: CallOutcome, failed: boolean) =>
        observe(outcome, (clock.monotonic() - startedAt) / 1000, span.exemplar(failed));
      const response = await policy
        .execute(
          async (signal) => {
            if (++sends > 1) span.setAttribute('http.request.resend_count', sends - 1);
            const response = await transport.send({
              endpoint,
              params: strings(request.params),
              query: strings(request.query),
              headers: { ...request.headers, ...tracing.inject() },
              body: request.body,
              context,
              signal,
            });
            if (response.status >= 500) throw asPeerProblem(peer, response);
            return response;
          },
          {
            deadline: context.deadline,
            retryable: true,
            probe: options.probe ?? true,
            priority: endpoint.priority,
          },
        )
        .catch((error: unknown) => {
          done(outcomeOf(error), true);
          if (error instanceof PeerProblem) span.setAttribute('http.response.status_code', error.status);
          if (error instanceof AttemptTimeout) throw new PeerUnavailable(peer, 'unknown', { cause: error });
          throw error;
        });
      done(outcomeOfStatus(response.status), response.status >= 400);
      span.setAttribute('http.response.status_code', response.status);
      if (response.status >= 400) throw asPeerProblem(peer, response);
      const promised = endpoint.responses[response.status];
      if (!promised) throw new PeerProblem(peer, response.status, undefined);
      return { ...response, body: promised.schema ? promised.schema.parse(response.body) : undefined };
    });
}

export const outcomeOfStatus = (status: number): CallOutcome =>
  status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';

export function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof PeerProblem) return '5xx';
  if (error instanceof BreakerOpen || error instanceof BulkheadFull) return 'refused';
  if (error instanceof DeadlineExceeded || error instanceof AttemptTimeout) return 'timeout';
  return isCancellation(error) ? 'cancelled' : 'unavailable';
}

function asPeerProblem(peer: string, { status, headers, body }: PeerResponse): PeerProblem {
  const isProblem =
    typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string';
  return new PeerProblem(peer, status, isProblem ? (body as Problem) : undefined, headers['retry-after']);
}

function strings(values: Record<string, unknown> | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {}))
    if (value !== undefined) result[name] = typeof value === 'string' ? value : JSON.stringify(value);
  return result;
}
