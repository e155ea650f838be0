import { ApiProblem, Unreachable } from './problems';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** A stream has no timeout; everything else times out after 15 s, which is the gateway's 10 s plus a margin. */
  readonly isStream?: boolean;
}

const patienceMs = 15_000;

/** Client of this site's API. */
export interface Requests {
  /** @throws ApiProblem; Unreachable without a response; the abort reason of `signal` */
  send(path: string, options?: RequestOptions): Promise<Response>;
  /** The JSON of a successful response. */
  ask<T>(path: string, options?: RequestOptions): Promise<T>;
}

/** @param traceparent identifies the user action that a request belongs to (W3C Trace Context) */
export function createRequests(traceparent: () => string): Requests {
  const send = (path: string, options: RequestOptions = {}) =>
    sendWith(path, { ...options, headers: { traceparent: traceparent(), ...options.headers } });
  return {
    send,
    async ask<T>(path: string, options: RequestOptions = {}) {
      const response = await send(path, options);
      try {
        return (await response.json()) as T;
      } catch (error) {
        options.signal?.throwIfAborted();
        throw new Unreachable('the response broke off', { cause: error });
      }
    },
  };
}

async function sendWith(path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', body, headers = {}, isStream = false } = options;
  const signals = [options.signal, isStream ? undefined : AbortSignal.timeout(patienceMs)];
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
  }).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw new Unreachable('no response', { cause: error });
  });
  if (response.ok) return response;
  throw new ApiProblem(response.status, await membersOf(response), response.headers.get('retry-after'));
}

async function membersOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
