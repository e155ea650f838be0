import type { ServerResponse } from 'node:http';
import { lingerAfter } from './linger';
import type { ResponseValue } from './operation';

/**
 * Headers of every API response that is never a document: no sniffing, framing, caching or referrer. After OWASP's REST
 * Security Cheat Sheet.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * Writes a response at once: status, headers and a JSON body of known length. A client that is still sending may
 * finish.
 */
export function writeResponse(
  response: ServerResponse,
  answer: ResponseValue,
  requestId: string,
  withBody: boolean,
): void {
  lingerAfter(response);
  // A string is sent in one piece with the head; bytes would be a second write, about as expensive as the first.
  const body =
    answer.body === undefined || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body);
  // A list, since Node.js uses one as it is, and most responses then need no object for their headers.
  const headers = answer.headers
    ? listOf({ ...securityHeaders, 'x-request-id': requestId, ...answer.headers })
    : [...securityHeaderList, 'x-request-id', requestId];
  if (body !== undefined) {
    if (answer.headers?.['content-type'] === undefined)
      headers.push('content-type', answer.status >= 400 ? 'application/problem+json' : 'application/json');
    headers.push('content-length', String(Buffer.byteLength(body)));
  } else if (answer.status !== 204 && answer.status !== 304) headers.push('content-length', '0');
  response.writeHead(answer.status, headers);
  response.end(withBody ? body : undefined);
}

const listOf = (headers: Readonly<Record<string, string>>): string[] => Object.entries(headers).flat();
const securityHeaderList: readonly string[] = listOf(securityHeaders);
