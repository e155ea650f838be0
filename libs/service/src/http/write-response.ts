import type { ServerResponse } from 'node:http';
import { lingerAfter } from './linger';
import type { ResponseValue } from './operation';

/**
 * Headers of every answer of an API that is never a document: nothing may be sniffed, framed, cached or referred.
 * After OWASP's REST Security Cheat Sheet.
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
 * Writes an answer in one go: status, headers and a JSON body of known length. Who is still sending is let come to an end.
 */
export function writeResponse(
  response: ServerResponse,
  answer: ResponseValue,
  requestId: string,
  withBody: boolean,
): void {
  lingerAfter(response);
  // A text goes out in one piece with the head; bytes would be a second one, which costs about as much as the first.
  const body =
    answer.body === undefined || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body);
  // A list, since Node takes one as it is, and most answers need no object made for them.
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
