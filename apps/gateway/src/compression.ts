import type { IncomingMessage, ServerResponse } from 'node:http';
import compression from 'compression';

const middleware = compression({ threshold: 1024 });

/** Lets an answer of 1 KiB or more go out compressed, where the client takes that. Never used for event streams. */
export function compress(request: IncomingMessage, response: ServerResponse): void {
  if (!request.headers['accept-encoding'] || request.method === 'HEAD') return;
  middleware(request as never, response as never, () => undefined);
}
