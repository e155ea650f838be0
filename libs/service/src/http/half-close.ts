import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** ms after a client has closed its side until it is first asked whether it is still there, and at most between questions. */
const probing = { firstMs: 100, maxMs: 1_000 };

/** What Node keeps, but does not document; server.test.ts notices should it change. */
interface Undocumented {
  /** Answer a client that has closed its side; by default the connection is closed at once. */
  httpAllowHalfOpen: boolean;
}
interface UndocumentedSocket {
  /** The response that is being written. */
  readonly _httpMessage?: ServerResponse | null;
}

/**
 * Answers clients that close their side after the request (RFC 9112 §9.6 calls it half-closed; `nc -N` does it).
 *
 * One that is gone has closed its side too. The two are told apart by writing: a system whose program is gone refuses
 * what comes, and the next write fails. So while there is no response yet, a client hears now and then that it is worked
 * on (102, which clients of HTTP/1.1 pass over: RFC 9110 §15.2), and who asked and left is noticed within a fraction of a
 * second. Clients of HTTP/1.0 know no such thing; that they are gone shows when the response is written.
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

/** Ends a stream with its client, also one that has only closed its side: it may be gone, and would keep its place. */
export function endWithClient(response: ServerResponse): void {
  const { socket } = response;
  if (!socket) return;
  const end = () => response.destroy();
  if (socket.readableEnded) return void end();
  socket.once('end', end);
  response.once('close', () => socket.off('end', end));
}
