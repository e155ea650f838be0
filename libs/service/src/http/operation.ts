import type { Endpoint, ParsedRequest, Priority, ResponseOf } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Deadline } from '@bulkhead/resilience/deadline';
import type { User } from '../identity/user-tokens';
import type { EventStream } from './event-stream';

/** What travels along with a call to a peer. A request's context is one; sagas and consumers make their own. */
export interface CallContext {
  /** UUID that names the request in logs, traces and problems of every service it passes. */
  readonly requestId: string;
  readonly deadline: Deadline;
  /** The user's bearer token, only while their request is live; never stored. */
  readonly userToken?: string | undefined;
}

/** What a handler knows of its request besides its parsed parts. */
export interface RequestContext extends CallContext {
  /** The signed-in user; always there where the endpoint's access is 'user' or 'role'. */
  readonly user: User | undefined;
  /** The service that called: the gateway for requests from outside. */
  readonly caller: ServiceName;
  readonly idempotencyKey: string | undefined;
  /** The client's address as the gateway saw it; for throttling, never for logs. */
  readonly clientAddress: string | undefined;
  readonly priority: Priority;
  /**
   * Aborts at the deadline or when the client is gone. For reads; work with an effect outside is not cancelled.
   */
  readonly signal: AbortSignal;
  /** Any other header, by lower-case name. */
  header(name: string): string | undefined;
}

/** The context of an endpoint's handler: `user` is certain where the endpoint's access demands one. */
export type ContextOf<E extends Endpoint> = E['access']['kind'] extends 'user' | 'role'
  ? RequestContext & { readonly user: User }
  : RequestContext;

/** An answer on its way out: its body is still a value, or absent. */
export interface ResponseValue {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An endpoint and the code that answers it. */
export interface Operation {
  readonly endpoint: Endpoint;
  readonly handle: (request: ParsedRequest<Endpoint>, context: RequestContext) => Promise<ResponseValue>;
  /** Set for server-sent events, in place of an answer's body. */
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
 * Binds a server-sent-events handler to its endpoint. Errors thrown before the first `send` become problems; the
 * stream ends when the returned promise settles, the client goes, or the service shuts down.
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
