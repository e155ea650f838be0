import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { problem, toProblemResponse } from '@bulkhead/service/errors';
import { writeResponse } from '@bulkhead/service/http/write-response';
import { randomIds } from '@bulkhead/service/ids';

const files = new Map([
  ['/ops', { file: 'index.html', type: 'text/html; charset=utf-8' }],
  ['/ops/app.css', { file: 'app.css', type: 'text/css; charset=utf-8' }],
  ['/ops/app.js', { file: 'app.js', type: 'text/javascript; charset=utf-8' }],
]);

/** Only the page itself may run scripts, frame it or read it. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** The files of the page, with the headers of their responses. */
export function createPage(folder: string) {
  const sendText = (request: IncomingMessage, response: ServerResponse, type: string, text: string) => {
    const known = request.method === 'GET' || request.method === 'HEAD';
    if (!known) {
      const requestId = randomIds.next();
      const refused = problem('method-not-allowed', { headers: { allow: 'GET, HEAD' } });
      return writeResponse(response, toProblemResponse(refused, requestId), requestId, true);
    }
    response.writeHead(200, { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  return {
    /** @returns whether the path belongs to the page */
    send(pathname: string, request: IncomingMessage, response: ServerResponse): boolean {
      const known = files.get(pathname === '/ops/' ? '/ops' : pathname);
      if (!known) return false;
      sendText(request, response, known.type, readFileSync(path.join(folder, known.file), 'utf8'));
      return true;
    },
    sendJson: (request: IncomingMessage, response: ServerResponse, value: unknown) =>
      sendText(request, response, 'application/json', JSON.stringify(value)),
  };
}
