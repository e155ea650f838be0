import { ApiProblem, Unreachable } from './problems';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** A stream takes as long as it likes; everything else is given up after 15 s, the gateway's 10 s and some. */
  readonly isStream?: boolean;
}

const patienceMs = 15_000;

/**
 * Asks the API of this site.
 * @throws ApiProblem; Unreachable without a response; what `signal` was aborted with
 */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
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

/** The JSON of a successful response. */
export async function ask<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Unreachable('the response broke off', { cause: error });
  }
}

async function membersOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
