import type { ServerResponse } from 'node:http';
import { hasBody } from './read-request';

/**
 * How long and how much a client whose request was refused may go on sending. A connection that is closed before all of
 * it was read is reset, and the client, or a proxy before it, may never see the answer (RFC 9112 §9.6).
 */
export const lingering = { ms: 2_000, bytes: 16 * 1024 * 1024 };

/**
 * Reads on, for nobody, when a request is answered before all of it came, and cuts off who does not come to an end. What
 * comes to its end keeps its connection.
 */
export function lingerAfter(response: ServerResponse): void {
  const { req: request } = response;
  if (request.complete || !hasBody(request)) return;
  response.once('finish', () => {
    if (request.complete) return void request.resume();
    const { socket } = request;
    const until = socket.bytesRead + lingering.bytes;
    const cut = () => socket.destroy();
    const timer = setTimeout(cut, lingering.ms);
    request.on('data', () => {
      if (socket.bytesRead > until) cut();
    });
    for (const over of ['end', 'close']) request.once(over, () => clearTimeout(timer));
    request.resume();
  });
}
