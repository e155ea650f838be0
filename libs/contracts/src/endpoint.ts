import type { z } from 'zod';
import type { Deprecation } from './deprecation';
import type { ProblemSlug } from './problem';
import type { ServiceName } from './services';

/** Who may call an endpoint. Checked before anything else of the request is looked at. */
export type Access =
  /** Anyone, through the gateway. */
  | { readonly kind: 'public' }
  /** A signed-in user, who sees only what is theirs. */
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

/** One answer an endpoint can give besides problems. */
export interface ResponseDefinition {
  readonly description: string;
  /** JSON body; absent for answers without one (204) and streams. */
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  /** Of a stream: the events it consists of, by type. */
  readonly events?: Readonly<Record<string, StreamEvent>>;
}

/** An event of a stream (WHATWG HTML §9.2). */
export interface StreamEvent {
  readonly description: string;
  /** An example. */
  readonly id: string;
  /** What its data is, once it is read as JSON. */
  readonly data: z.ZodType;
}

/**
 * The promise of one endpoint: from it come validation, types, the client, access control, OpenAPI and the tests that
 * walk all routes.
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
  /** May a caller repeat it after an unknown outcome? Default: get, put and delete yes; others no. */
  readonly retryable?: boolean;
  /** Takes an Idempotency-Key header: 'required' answers 400 without one. */
  readonly idempotencyKey?: 'required' | 'optional';
  /** The body is handed over as bytes, unparsed (signed webhooks). */
  readonly rawBody?: boolean;
  /**
   * For what must not be done by the last access token of a session that has ended: erasing the account, changing a
   * password, ending sessions, handing out personal data, and whatever needs a role. The gateway asks auth whether the
   * session lives, and whether the user still has the role that `access` demands; where auth does not answer, nothing is
   * done (503). Default: where `access` is 'role'. For endpoints whose access is 'user', too.
   */
  readonly liveSession?: boolean;
  /**
   * Server-sent events: no deadline, no compression, no buffering. One of a signed-in user ends with their access token
   * or their session.
   */
  readonly stream?: boolean;
  /** Largest body in bytes. Default 102400 (100 KiB). */
  readonly bodyLimit?: number;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers the endpoint reads, by lower-case name. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<number, ResponseDefinition>>;
  /** Problems of this endpoint beyond those every endpoint can give. */
  readonly problems?: readonly ProblemSlug[];
  /** Problems that have members of their own here (RFC 9457 §3.2). */
  readonly problemSchemas?: Readonly<Partial<Record<ProblemSlug, z.ZodType>>>;
  /**
   * For the path that an operation had before: the `operationId` of the one that took its place. It goes on being answered,
   * and documents name it with that one.
   */
  readonly movedTo?: string;
  /** Every response says so, and documents. */
  readonly deprecated?: Deprecation;
}

/** Is it asked whether the session of the caller's access token still lives? See `liveSession`. */
export const needsLiveSession = ({ liveSession, access }: Endpoint): boolean =>
  liveSession ?? access.kind === 'role';

/** May a caller repeat it after an unknown outcome? See `retryable`. */
export const isRepeatable = ({ retryable, method }: Endpoint): boolean =>
  retryable ?? ['get', 'put', 'delete'].includes(method);

/** Keeps the literal types, so that handlers and clients are typed by the endpoint. */
export const defineEndpoint = <const E extends Endpoint>(endpoint: E): E => endpoint;

export type Endpoints = Readonly<Record<string, Endpoint>>;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Given<S> = S extends z.ZodType ? z.input<S> : undefined;
type Part<E, K extends string> = E extends Record<K, infer S> ? S : undefined;

/** What a handler gets: parsed and defaulted. */
export interface ParsedRequest<E extends Endpoint> {
  readonly params: Parsed<Part<E, 'params'>>;
  readonly query: Parsed<Part<E, 'query'>>;
  readonly headers: Parsed<Part<E, 'headers'>>;
  readonly body: E extends { rawBody: true } ? Buffer : Parsed<Part<E, 'body'>>;
}

type Provided<K extends string, V> = undefined extends V
  ? { readonly [k in K]?: V }
  : { readonly [k in K]: V };

/** What a client sends. */
export type RequestTo<E extends Endpoint> = Provided<'params', Given<Part<E, 'params'>>> &
  Provided<'query', Given<Part<E, 'query'>>> &
  Provided<'headers', Given<Part<E, 'headers'>>> &
  Provided<'body', Given<Part<E, 'body'>>>;

/** The successful answers of an endpoint as a union over `status`. */
export type ResponseOf<E extends Endpoint> = {
  [S in keyof E['responses'] & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (E['responses'][S] extends { schema: infer B extends z.ZodType }
    ? { readonly body: z.input<B> }
    : { readonly body?: undefined });
}[keyof E['responses'] & number];
