import type { ServerResponse } from 'node:http';

/** Connection-bound headers (RFC 9110 §7.6.1), which no intermediary passes on. */
export const hopByHopHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Lets every answer written to `response` carry `headers` over its own. */
export function overrideHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
  response.writeHead = ((status: number, own?: Record<string, string>) =>
    writeHead(status, { ...own, ...headers })) as typeof response.writeHead;
}
