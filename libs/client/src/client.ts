import { setTimeout as sleep } from 'node:timers/promises';
import type { Notification, OrderTransition, paths, Problem } from './api-types';
import { readEvents } from './event-stream';
import { ProblemError, ShopUnreachable } from './problem-error';
import { isRepeatable, isWorthRepeating, pauseBefore, type RetryPolicy } from './retry';

export interface ClientOptions extends Partial<RetryPolicy> {
  /** Where the shop is, as `http://localhost:3000`. */
  readonly origin: string;
  /** The access token of whoever is signed in; asked before every attempt. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  /** ms until an attempt is given up. Default 15,000; streams have no limit. */
  readonly timeoutMs?: number;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type OperationAt<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never;

type Part<O, K extends string> = O extends { parameters: infer A }
  ? K extends keyof A
    ? A[K]
    : never
  : never;
/** The client makes an Idempotency-Key where none is given. */
type Given<T> = T extends object
  ? Omit<T, 'Idempotency-Key'> & Partial<Pick<T, keyof T & 'Idempotency-Key'>>
  : T;
type Wanted<K extends string, T> = [NonNullable<T>] extends [never]
  ? { readonly [k in K]?: undefined }
  : Record<never, never> extends NonNullable<T>
    ? { readonly [k in K]?: T }
    : { readonly [k in K]: T };
type BodyOf<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never;

/** What an operation takes. */
export type RequestOf<O> = Wanted<'path', Part<O, 'path'>> &
  Wanted<'query', Part<O, 'query'>> &
  Wanted<'headers', Given<Part<O, 'header'>>> &
  Wanted<'body', BodyOf<O>> & {
    /** Ends the request, and the pauses between its attempts. */
    readonly signal?: AbortSignal;
  };

type Success = 200 | 201 | 202 | 204 | 304;
/** The successful responses of an operation, as a union over `status`. */
export type ResponseOf<O> = O extends { responses: infer R }
  ? {
      [S in keyof R & Success]: {
        readonly status: S;
        readonly headers: Headers;
        readonly body: R[S] extends { content: { 'application/json': infer B } } ? B : undefined;
      };
    }[keyof R & Success]
  : never;

/** The data of each kind of event that a stream has. */
interface Streams {
  readonly '/api/v1/orders/{orderId}/events': { readonly transition: OrderTransition };
  readonly '/api/v1/notifications/stream': {
    readonly position: { readonly sequence: number };
    readonly notification: Notification;
  };
}
export type EventOf<P extends keyof Streams> = {
  [E in keyof Streams[P]]: { readonly event: E; readonly id: string; readonly data: Streams[P][E] };
}[keyof Streams[P]];

export interface Client {
  /**
   * Sends a request, again where that is safe and may help: within `attempts`, after the pause that the shop asks for.
   * @throws ProblemError for any response that is no success, ShopUnreachable where none came
   */
  call<M extends Method, P extends PathWith<M>>(
    method: M,
    path: P,
    ...request: Record<never, never> extends RequestOf<OperationAt<P, M>>
      ? [RequestOf<OperationAt<P, M>>?]
      : [RequestOf<OperationAt<P, M>>]
  ): Promise<ResponseOf<OperationAt<P, M>>>;
  /**
   * Follows a stream. Where it breaks off it is opened again after the last event, so that none is lost or comes twice.
   * Ends when the shop has no more to tell, or by the signal.
   * @throws ProblemError, ShopUnreachable after `attempts` in a row without an event
   */
  follow<P extends keyof Streams>(
    path: P,
    request: Pick<LooseRequest, 'path' | 'signal'> & { readonly after?: string },
  ): AsyncGenerator<EventOf<P>>;
}

interface LooseRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Makes a client of a shop. */
export function createClient(options: ClientOptions): Client {
  const { origin, token, attempts = 4, maxPauseMs = 30_000, timeoutMs = 15_000 } = options;
  const send = options.fetch ?? fetch;

  const attempt = async (
    method: string,
    url: URL,
    headers: Headers,
    request: LooseRequest,
    limitMs?: number,
  ) => {
    const bearer = await token?.();
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
    const signals = [request.signal, limitMs === undefined ? undefined : AbortSignal.timeout(limitMs)];
    return await send(url, {
      method,
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
    });
  };

  /** The response or the error of each attempt, until one is to be kept. */
  async function persist<T>(
    request: LooseRequest,
    repeatable: boolean,
    once: () => Promise<T>,
    tries: { failed: number } = { failed: 0 },
  ): Promise<T> {
    for (;;) {
      try {
        return await once();
      } catch (error) {
        if (request.signal?.aborted) throw error;
        tries.failed += 1;
        const isProblem = error instanceof ProblemError;
        const again = isProblem ? isWorthRepeating(error.status, error.slug, repeatable) : repeatable;
        const retryAfter = isProblem ? error.headers.get('retry-after') : null;
        const pause = pauseBefore(tries.failed, retryAfter, Date.now(), Math.random());
        if (!again || tries.failed >= attempts || pause > maxPauseMs)
          throw isProblem ? error : new ShopUnreachable(`${origin} cannot be reached`, { cause: error });
        await sleep(pause, undefined, request.signal ? { signal: request.signal } : {});
      }
    }
  }

  async function call(method: Method, path: string, request: LooseRequest = {}) {
    const verb = method.toUpperCase();
    const headers = headersOf(request.headers);
    if (request.body !== undefined) headers.set('content-type', 'application/json');
    // One key for all attempts.
    if (verb === 'POST' && takingKeys.has(path) && !headers.has('idempotency-key'))
      headers.set('idempotency-key', crypto.randomUUID());
    const url = urlOf(origin, path, request);
    return await persist(request, isRepeatable(verb, headers), async () => {
      const response = await attempt(verb, url, headers, request, timeoutMs);
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
      const { status } = response;
      if (status < 400) return { status, headers: response.headers, body };
      throw new ProblemError(status, response.headers, problemOf(status, body));
    });
  }

  async function* follow(path: string, request: LooseRequest & { readonly after?: string }) {
    let after = request.after;
    const tries = { failed: 0 };
    for (;;) {
      const headers = headersOf({ accept: 'text/event-stream', 'last-event-id': after });
      const response = await persist(
        request,
        true,
        async () => {
          const opened = await attempt('GET', urlOf(origin, path, request), headers, request);
          if (opened.status === 200 && opened.body) return opened.body;
          const body: unknown = await opened.json().catch(() => undefined);
          throw new ProblemError(opened.status, opened.headers, problemOf(opened.status, body));
        },
        tries,
      );
      const before = after;
      let broke: unknown;
      try {
        for await (const { id, event, data } of readEvents(response)) {
          if (id !== undefined) after = id;
          tries.failed = 0;
          yield { event, id: after ?? '', data: JSON.parse(data) as unknown };
        }
      } catch (error) {
        if (request.signal?.aborted) return;
        broke = error;
      }
      // It ended, and there is nothing after what is known.
      if (broke === undefined && after === before) return;
      if (broke !== undefined && ++tries.failed >= attempts)
        throw new ShopUnreachable(`the stream of ${origin} breaks off`, { cause: broke });
      await sleep(pauseBefore(tries.failed + 1, null, Date.now(), Math.random()), undefined, {
        ...(request.signal ? { signal: request.signal } : {}),
      });
    }
  }

  return { call, follow } as unknown as Client;
}

/** Where an operation takes an Idempotency-Key. */
const takingKeys: ReadonlySet<string> = new Set<keyof paths>([
  '/api/v1/orders',
  '/api/v1/payments/{paymentId}/refunds',
  '/api/v1/stock/{sku}/adjustments',
]);

function urlOf(origin: string, path: string, { path: params = {}, query = {} }: LooseRequest): URL {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const url = new URL(filled, origin);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

function headersOf(given: LooseRequest['headers'] = {}): Headers {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
  return headers;
}

function problemOf(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'type' in body && 'title' in body) return body as Problem;
  return { type: 'urn:bulkhead:problem:internal', title: `The shop answered ${status}`, status };
}
