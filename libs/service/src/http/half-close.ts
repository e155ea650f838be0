import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Ms after a client has closed its side until it is first checked for being connected, and at most between checks. */
const probing = { firstMs: 100, maxMs: 1_000 };

/** Internals of Node.js that are not documented; server.test.ts notices if they change. */
interface Undocumented {
  /** Responds to a client that has closed its side; by default the connection is closed immediately. */
  httpAllowHalfOpen: boolean;
}
interface UndocumentedSocket {
  /** The response being written. */
  readonly _httpMessage?: ServerResponse | null;
}

/**
 * Responds to clients that close their side after the request (RFC 9112 §9.6 calls it half-closed; `nc -N` does it).
 *
 * A disconnected client has closed its side too. Writing distinguishes the two: the system of a terminated program
 * rejects data, and the next write fails. So while there is no response yet, the client is sent a 102 now and then,
 * which HTTP/1.1 clients ignore (RFC 9110 §15.2), and a disconnected one is noticed within a fraction of a second.
 * HTTP/1.0 has no interim responses; a disconnected client is noticed when the response is written.
 */
export function serveHalfClosed(server: Server): void {
  (server as Server & Undocumented).httpAllowHalfOpen = true;
  server.on('connection', (socket: Socket & UndocumentedSocket) =>
    socket.once('end', () => {
      let waitMs = probing.firstMs;
      const probe = () => {
        const response = socket._httpMessage;
        if (socket.destroyed || !response || response.headersSent) return;
        if (response.req.httpVersion === '1.1') response.writeProcessing();
        waitMs = Math.min(2 * waitMs, probing.maxMs);
        setTimeout(probe, waitMs).unref();
      };
      setTimeout(probe, waitMs).unref();
    }),
  );
}

/**
 * Ends a stream with its client, also when it has only closed its side: it may be disconnected and would keep its slot.
 */
export function endWithClient(response: ServerResponse): void {
  const { socket } = response;
  if (!socket) return;
  const end = () => response.destroy();
  if (socket.readableEnded) return void end();
  socket.once('end', end);
  response.once('close', () => socket.off('end', end));
}
