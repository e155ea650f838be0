import { Pool } from 'undici';
import { ProviderRefused, ProviderUnavailable } from './provider';

/** Maximum size of a provider's response in bytes. */
const maxResponseBytes = 2 * 1024 * 1024;

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface ProviderHttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface ProviderHttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface ProviderHttp {
  /**
   * @returns any response, whatever its status
   * @throws ProviderUnavailable when there was none
   */
  exchange(request: ProviderHttpRequest): Promise<ProviderHttpResponse>;
  /**
   * @returns any response below 500, its body parsed as JSON
   * @throws ProviderUnavailable
   */
  send(request: ProviderHttpRequest): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
}

/** HTTP to a provider; distinguishes what certainly did not happen from what may have happened. */
export function createProviderHttp(baseUrl: string): ProviderHttp {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, {
    connections: 64,
    pipelining: 1,
    connectTimeout: 3_000,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxResponseBytes,
  });
  const exchange: ProviderHttp['exchange'] = async ({ method, path, headers, body, signal }) => {
    try {
      const response = await pool.request({
        method,
        path: `${prefix}${path}`,
        headers: { accept: 'application/json', ...headers },
        body: body ?? null,
        signal,
      });
      return {
        status: response.statusCode,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        text: await response.body.text(),
      };
    } catch (cause) {
      const code = (cause as { code?: string }).code ?? '';
      throw new ProviderUnavailable(neverConnected.has(code) ? 'not-sent' : 'unknown', { cause });
    }
  };
  return {
    exchange,
    async send(request) {
      const { status, text } = await exchange(request);
      if (status === 429) throw new ProviderUnavailable('not-sent');
      if (status >= 500) throw new ProviderUnavailable('unknown');
      return { status, body: parse(text) };
    },
    close: () => pool.destroy(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ProviderUnavailable('unknown', { cause });
  }
}

/** A short label from the provider, suitable for a column, a response and an event. */
export const refusal = (word: unknown): ProviderRefused =>
  new ProviderRefused(typeof word === 'string' && word !== '' ? word.slice(0, 100) : 'refused');
