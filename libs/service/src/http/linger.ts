import type { ServerResponse } from 'node:http';
import { hasBody } from './read-request';

/**
 * How long and how much a client whose request was rejected may continue to send. Closing a connection with unread data
 * resets it, and the client, or a proxy in between, may never see the response (RFC 9112 §9.6).
 */
export const lingering = { ms: 2_000, bytes: 16 * 1024 * 1024 };

/**
 * Discards the rest of a request that got its response early, and disconnects clients that do not finish in time. A
 * connection whose request is complete is kept.
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
