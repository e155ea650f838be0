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

/** Adds `headers` to every response written to `response`, over its own, which may be a list or an object. */
export function overrideHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
  response.writeHead = ((status: number, own: readonly string[] | Record<string, string> = {}) =>
    writeHead(status, { ...(isList(own) ? asObject(own) : own), ...headers })) as typeof response.writeHead;
}

const isList = (headers: readonly string[] | object): headers is readonly string[] => Array.isArray(headers);

function asObject(list: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) headers[list[at]!] = list[at + 1]!;
  return headers;
}
