import type { Endpoint, ParsedRequest, Priority, ResponseOf } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Deadline } from '@bulkhead/resilience/deadline';
import type { User } from '../identity/user-tokens';
import type { EventStream } from './event-stream';

/** Context of a call to a peer. A request's context is one; sagas and consumers create their own. */
export interface CallContext {
  /** UUID that identifies the request in logs, traces and problems of every service it passes. */
  readonly requestId: string;
  readonly deadline: Deadline;
  /** The user's bearer token, only while their request is in progress; never stored. */
  readonly userToken?: string | undefined;
}

/** What a handler knows about its request in addition to the parsed parts. */
export interface RequestContext extends CallContext {
  /** The signed-in user; always present if the endpoint's access is 'user' or 'role'. */
  readonly user: User | undefined;
  /** The calling service: the gateway for requests from outside. */
  readonly caller: ServiceName;
  readonly idempotencyKey: string | undefined;
  /** The client's address as the gateway saw it; for throttling, never for logs. */
  readonly clientAddress: string | undefined;
  readonly priority: Priority;
  /** Aborts at the deadline or when the client disconnects. For reads; work with external effects is not cancelled. */
  readonly signal: AbortSignal;
  /** Any other header, by lower-case name. */
  header(name: string): string | undefined;
}

/** The context of an endpoint's handler: `user` is defined if the endpoint's access requires one. */
export type ContextOf<E extends Endpoint> = E['access']['kind'] extends 'user' | 'role'
  ? RequestContext & { readonly user: User }
  : RequestContext;

/** A response to be sent: its body is still a value, or absent. */
export interface ResponseValue {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An endpoint and its implementation. */
export interface Operation {
  readonly endpoint: Endpoint;
  readonly handle: (request: ParsedRequest<Endpoint>, context: RequestContext) => Promise<ResponseValue>;
  /** Set for server-sent events, instead of a response body. */
  readonly stream?: (
    request: ParsedRequest<Endpoint>,
    context: RequestContext,
    stream: EventStream,
  ) => Promise<void>;
}

/** Binds a handler to its endpoint, typed by it. `R` keeps statuses literal, which inference would widen. */
export function implement<E extends Endpoint, const R extends ResponseOf<E>>(
  endpoint: E,
  handle: (request: ParsedRequest<E>, context: ContextOf<E>) => Promise<R>,
): Operation {
  return { endpoint, handle: handle as unknown as Operation['handle'] };
}

/**
 * Binds a server-sent-events handler to its endpoint. Errors thrown before the first `send` become problems; the stream
 * ends when the returned promise settles, the client disconnects, or the service shuts down.
 */
export function implementStream<E extends Endpoint & { stream: true }>(
  endpoint: E,
  stream: (request: ParsedRequest<E>, context: ContextOf<E>, stream: EventStream) => Promise<void>,
): Operation {
  return {
    endpoint,
    handle: async () => ({ status: 200 }),
    stream: stream as unknown as NonNullable<Operation['stream']>,
  };
}
