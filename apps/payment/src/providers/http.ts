import { Pool } from 'undici';
import { ProviderRefused, ProviderUnavailable } from './provider';

/** Most bytes taken as a provider's answer. */
const maxAnswerBytes = 2 * 1024 * 1024;

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface ProviderHttp {
  /**
   * @returns any answer below 500, its body parsed as JSON
   * @throws ProviderUnavailable
   */
  send(request: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal: AbortSignal;
  }): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
}

/** HTTP to a provider, which keeps what certainly did not happen apart from what may have happened. */
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
    maxResponseSize: maxAnswerBytes,
  });
  return {
    async send({ method, path, headers, body, signal }) {
      let status: number;
      let text: string;
      try {
        const answer = await pool.request({
          method,
          path: `${prefix}${path}`,
          headers: { accept: 'application/json', ...headers },
          body: body ?? null,
          signal,
        });
        status = answer.statusCode;
        text = await answer.body.text();
      } catch (cause) {
        const code = (cause as { code?: string }).code ?? '';
        throw new ProviderUnavailable(neverConnected.has(code) ? 'not-sent' : 'unknown', { cause });
      }
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

/** A short word of the provider, fit for a column, an answer and an event. */
export const refusal = (word: unknown): ProviderRefused =>
  new ProviderRefused(typeof word === 'string' && word !== '' ? word.slice(0, 100) : 'refused');
