import type { z } from 'zod';
import type { Deprecation } from './deprecation';
import type { ProblemSlug } from './problem';
import type { ServiceName } from './services';

/** Who may call an endpoint. Checked before anything else of the request. */
export type Access =
  /** Anyone, through the gateway. */
  | { readonly kind: 'public' }
  /** A signed-in user, who sees only their own data. */
  | { readonly kind: 'user' }
  /** A signed-in user with the role. */
  | { readonly kind: 'role'; readonly role: Role }
  /** Another service, by its own identity; the path starts with /internal and no gateway routes it. */
  | { readonly kind: 'service'; readonly callers: readonly ServiceName[] };

export type Role = 'customer' | 'admin';

/**
 * An Idempotency-Key: a structured-field string of visible ASCII, as draft-ietf-httpapi-idempotency-key-header has it,
 * or the same without its quotes, as most clients send it.
 */
export const idempotencyKeyPattern = /^("[!#-~]{1,255}"|[!#-~]{1,255})$/;

/** What is shed first when a service is over its limit: 'browse' before 'buy' before 'pay'. */
export type Priority = 'browse' | 'buy' | 'pay';

/** One response of an endpoint, apart from problems. */
export interface ResponseDefinition {
  readonly description: string;
  /** JSON body; absent for responses without one (204) and streams. */
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  /** For a stream: its events, by type. */
  readonly events?: Readonly<Record<string, StreamEvent>>;
}

/** An event of a stream (WHATWG HTML §9.2). */
export interface StreamEvent {
  readonly description: string;
  /** An example. */
  readonly id: string;
  /** Schema of its data, after parsing as JSON. */
  readonly data: z.ZodType;
}

/**
 * The contract of one endpoint: the source of its validation, types, client, access control, OpenAPI, and the tests
 * that cover all routes.
 */
export interface Endpoint {
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With OpenAPI-style parameters: `/api/v1/orders/{orderId}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  readonly priority: Priority;
  /** Whether a caller may repeat it after an unknown outcome. Default: true for get, put and delete. */
  readonly retryable?: boolean;
  /** Accepts an Idempotency-Key header: 'required' responds with a 400 without one. */
  readonly idempotencyKey?: 'required' | 'optional';
  /** The body is passed on as unparsed bytes (signed webhooks). */
  readonly rawBody?: boolean;
  /**
   * For operations that the last access token of an ended session must not perform: erasing the account, changing a
   * password, ending sessions, exporting personal data, and anything that needs a role. The gateway asks auth whether
   * the session is still active, and whether the user still has the role that `access` requires; if auth is
   * unavailable, so is the operation (503). Default: true if `access` is 'role'. Also for endpoints whose access is
   * 'user'.
   */
  readonly liveSession?: boolean;
  /**
   * Server-sent events: no deadline, no compression, no buffering. A signed-in user's stream ends with their access
   * token or their session.
   */
  readonly stream?: boolean;
  /** Maximum size of the body in bytes. Default 102400 (100 KiB). */
  readonly bodyLimit?: number;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers the endpoint reads, by lower-case name. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<number, ResponseDefinition>>;
  /** Problems of this endpoint in addition to those of every endpoint. */
  readonly problems?: readonly ProblemSlug[];
  /** Problems with additional members here (RFC 9457 §3.2). */
  readonly problemSchemas?: Readonly<Partial<Record<ProblemSlug, z.ZodType>>>;
  /**
   * For the former path of an operation: the `operationId` of its successor. It is still served, and documents refer to
   * the successor.
   */
  readonly movedTo?: string;
  /** Announced in every response and in documents. */
  readonly deprecated?: Deprecation;
}

/** Whether the session of the caller's access token must still be active. See `liveSession`. */
export const needsLiveSession = ({ liveSession, access }: Endpoint): boolean =>
  liveSession ?? access.kind === 'role';

/** Whether a caller may repeat it after an unknown outcome. See `retryable`. */
export const isRepeatable = ({ retryable, method }: Endpoint): boolean =>
  retryable ?? ['get', 'put', 'delete'].includes(method);

/** Keeps the literal types, so that handlers and clients are typed by the endpoint. */
export const defineEndpoint = <const E extends Endpoint>(endpoint: E): E => endpoint;

export type Endpoints = Readonly<Record<string, Endpoint>>;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Given<S> = S extends z.ZodType ? z.input<S> : undefined;
type Part<E, K extends string> = E extends Record<K, infer S> ? S : undefined;

/** A handler's input: parsed and with defaults. */
export interface ParsedRequest<E extends Endpoint> {
  readonly params: Parsed<Part<E, 'params'>>;
  readonly query: Parsed<Part<E, 'query'>>;
  readonly headers: Parsed<Part<E, 'headers'>>;
  readonly body: E extends { rawBody: true } ? Buffer : Parsed<Part<E, 'body'>>;
}

type Provided<K extends string, V> = undefined extends V
  ? { readonly [k in K]?: V }
  : { readonly [k in K]: V };

/** A client's input. */
export type RequestTo<E extends Endpoint> = Provided<'params', Given<Part<E, 'params'>>> &
  Provided<'query', Given<Part<E, 'query'>>> &
  Provided<'headers', Given<Part<E, 'headers'>>> &
  Provided<'body', Given<Part<E, 'body'>>>;

/** The successful responses of an endpoint as a union over `status`. */
export type ResponseOf<E extends Endpoint> = {
  [S in keyof E['responses'] & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (E['responses'][S] extends { schema: infer B extends z.ZodType }
    ? { readonly body: z.input<B> }
    : { readonly body?: undefined });
}[keyof E['responses'] & number];
