import type { Observed } from './observed';

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

/** Calls operations by their id and notes every answer. */
export type Call = (id: string, request?: Request) => Promise<Answer>;

const patienceMs = 20_000;

/** @param contradictions gets a sentence for each answer that is not as documented */
export function createCaller(origin: string, observed: Observed, contradictions: string[]): Call {
  return async (id, { params = {}, query = '', token, headers = {}, json, raw } = {}) => {
    const operation = observed.operation(id);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const streamEnd = new AbortController();
    const response = await fetch(`${origin}${path}${query}`, {
      method: operation.method,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([streamEnd.signal, AbortSignal.timeout(patienceMs)]),
      redirect: 'manual',
    });
    const contentType = response.headers.get('content-type') ?? '';
    const { status } = response;
    if (contentType.startsWith('text/event-stream')) {
      streamEnd.abort();
      contradictions.push(...observed.note(operation, { status, contentType }));
      return { status, headers: response.headers, body: undefined };
    }
    const text = await response.text();
    contradictions.push(...observed.note(operation, { status, contentType, text }));
    return {
      status,
      headers: response.headers,
      body: /json/.test(contentType) && text ? JSON.parse(text) : undefined,
    };
  };
}
