import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/** Listening sockets per port: as many new connections are accepted per iteration of the event loop. */
const sockets = 16;
/** Backlog of each socket: connections waiting to be accepted. No limit counts them. */
const backlog = 256;

const others = new WeakMap<Server, readonly NetServer[]>();

/** Starts listening with one socket. @returns the port, which `port` 0 leaves to the system */
export const listen = (server: Server, port: number, host?: string): Promise<number> =>
  bind(server, port, host);

function bind(
  server: NetServer,
  port: number,
  host: string | undefined,
  shared?: { readonly reusePort: true; readonly backlog: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host ? { host } : {}), ...shared }, () => {
      server.removeListener('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/**
 * Starts listening on a port that has to accept bursts of connections, with several sockets of one port (SO_REUSEPORT),
 * among which the system distributes new connections. libuv accepts one connection per socket and iteration of the
 * event loop (since 1.45, "linux: don't accept() connections in a loop"). When iterations are long under load, a burst
 * of connections waited for seconds where no limit counts them; and when the backlog was full, clients repeated their
 * SYN after 1, 3 and 7 s.
 *
 * If the system or Node.js cannot share a port, there is one socket.
 * @returns the port, which `port` 0 leaves to the system
 * @throws Error with the code EADDRINUSE when another process listens
 */
export async function listenForBursts(server: Server, port: number, host?: string): Promise<number> {
  if (process.platform !== 'linux') return bind(server, port, host);
  // First without sharing: SO_REUSEPORT would let another process of the same user share the port, which must be an
  // error.
  const alone = new NetServer();
  const free = await bind(alone, port, host);
  await closed(alone);
  const shared = { reusePort: true, backlog } as const;
  await bind(server, free, host, shared);
  const more: NetServer[] = [];
  others.set(server, more);
  try {
    while (more.length < sockets - 1) {
      // As Node.js does for its HTTP servers.
      const socket = new NetServer({ allowHalfOpen: true, noDelay: true });
      await bind(socket, free, host, shared);
      socket.on('connection', (connection) => server.emit('connection', connection));
      more.push(socket);
    }
  } catch (error) {
    // Node.js before 22.12 does not know the option; the port is then exclusive.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  }
  return free;
}

/** Stops listening. @returns a promise that resolves once the last connection has ended */
export async function closeSockets(server: Server): Promise<void> {
  // For HTTP, Node.js closes idle connections immediately.
  await Promise.all([server, ...(others.get(server) ?? [])].map(closed));
}

const closed = (server: NetServer) =>
  new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
