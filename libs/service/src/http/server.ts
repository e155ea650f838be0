import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problems, type ProblemSlug, problemType } from '@bulkhead/contracts/problem';
import type { Express } from 'express';
import { closeSockets } from './burst-sockets';
import { serveHalfClosed } from './half-close';
import { lingering } from './linger';
import { faultOfHead, originForm } from './request-head';

export { listen, listenForBursts } from './burst-sockets';

/** Limits of every listener against slow or greedy clients. */
const limits = {
  /** bytes of request line and headers together */
  maxHeaderSize: 16 * 1024,
  /** ms until the headers must have arrived */
  headersTimeout: 10_000,
  /** ms until the whole request must have arrived */
  requestTimeout: 30_000,
  /**
   * ms an idle connection is kept; longer than our own clients keep theirs (4 s), so that none is closed during a
   * request
   */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  /** Node's own rejection of a request without Host has no body, and it accepts two of them; see faultOfHead. */
  requireHostHeader: false,
};

/**
 * An HTTP server for an Express app. Express changes the prototype of every request and response, which defeats V8's
 * optimisations; here they are created with the final prototype.
 */
export function createHttpServer(app: Express): Server {
  const server = createServer({
    ...limits,
    IncomingMessage: bornAs(IncomingMessage, app.request),
    ServerResponse: bornAs(ServerResponse, app.response),
  });
  return listenTo(server, app);
}

/**
 * An HTTP server with the same limits for a listener that is not an Express app.
 * @param keepAliveTimeout ms that an idle connection is kept. Default 65,000
 */
export function createListenerServer(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  { keepAliveTimeout = limits.keepAliveTimeout }: { readonly keepAliveTimeout?: number } = {},
): Server {
  const server =
    'request' in listener && 'response' in listener
      ? createHttpServer(listener as unknown as Express)
      : listenTo(createServer(limits), listener);
  server.keepAliveTimeout = keepAliveTimeout;
  return server;
}

/**
 * Passes every request to the listener, and sends a problem where Node.js would respond on its own, without a body or
 * not at all.
 */
function listenTo(
  server: Server,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.url = originForm(request.url!);
    const fault = faultOfHead(request);
    if (fault !== undefined) {
      const { status, headers, body } = bareProblem('malformed-request', fault);
      return void response.writeHead(status, headers).end(body);
    }
    listener(request, response);
  };
  server.on('request', answer);
  // Expectations other than 100-continue may be ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', answer);
  server.on('connect', (_request, socket) => endWithProblem(socket, 'malformed-request'));
  server.on('clientError', answerClientError);
  serveHalfClosed(server);
  return server;
}

function bornAs<C extends typeof IncomingMessage | typeof ServerResponse>(base: C, prototype: object): C {
  function Born(this: object, ...args: unknown[]) {
    (base as unknown as (...args: unknown[]) => void).apply(this, args);
  }
  Object.setPrototypeOf(Born, base);
  Born.prototype = prototype;
  return Born as unknown as C;
}

/** Number of bytes read when the response was sent. */
const refusedAfter = new WeakMap<Socket, number>();

/** A request that Node.js could not parse still gets a problem, if the connection is writable. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const before = refusedAfter.get(socket);
  const lingers = before !== undefined && socket.bytesRead - before <= lingering.bytes;
  if (error.code === 'ECONNRESET' || !(socket.writable || lingers)) {
    socket.destroy();
    return;
  }
  // The parser reports it again for any data after the response.
  if (lingers) return;
  const slug: ProblemSlug =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request-timeout'
        : 'malformed-request';
  endWithProblem(socket, slug);
  refusedAfter.set(socket, socket.bytesRead);
}

function endWithProblem(socket: Duplex, slug: ProblemSlug): void {
  const { status, title, headers, body } = bareProblem(slug);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${head.join('')}\r\n${body}`);
  const cut = setTimeout(() => socket.destroy(), lingering.ms);
  socket.once('close', () => clearTimeout(cut));
}

/** A problem for a request that was not handled, which ends the connection. */
function bareProblem(slug: ProblemSlug, detail?: string) {
  const { status, title } = problems[slug];
  const body = JSON.stringify({ type: problemType(slug), title, status, detail });
  const headers = {
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  };
  return { status, title, headers, body };
}

/** Maximum time in which kept-alive connections may deliver a request in flight, in ms. */
const farewellMs = 1_000;

/**
 * Stops listening, lets open requests finish within `graceMs`, then closes the remaining connections. Closing an idle
 * connection can race with a request, and its sender cannot know that it was not handled (RFC 9112, section 9.5); a
 * proxy then responds with a 502. So for a tenth of the grace period, and at most a second, late requests are still
 * served, and their response closes the connection.
 */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const asLast = (_request: IncomingMessage, response: ServerResponse) =>
    void (response.shouldKeepAlive = false);
  server.prependListener('request', asLast);
  const closed = closeSockets(server);
  const closeIdle = () => server.closeIdleConnections();
  let idle: NodeJS.Timeout | undefined;
  const farewell = setTimeout(
    () => {
      closeIdle();
      idle = setInterval(closeIdle, 100);
    },
    Math.min(farewellMs, graceMs / 10),
  );
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(farewell);
  clearInterval(idle);
  clearTimeout(cut);
  server.removeListener('request', asLast);
  // What it does besides.
  server.close();
}
