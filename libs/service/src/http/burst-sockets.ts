import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/** Listening sockets of one port; so many new connections are accepted in a turn of the event loop. */
const sockets = 16;
/** Connections that wait for being accepted, for each socket. What waits there is seen by no limit. */
const backlog = 256;

const others = new WeakMap<Server, readonly NetServer[]>();

/** Starts listening by one socket. @returns the port, which `port` 0 leaves to the system */
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
 * Starts listening where many connections may come at one moment, as they do at the door of a service under load: by
 * several sockets of one port (SO_REUSEPORT), among which the system divides new connections. libuv accepts one
 * connection of a socket in a turn of the event loop (since 1.45, "linux: don't accept() connections in a loop"). When
 * each turn is long because much is done, a burst of connections waited for seconds where no limit sees it; and where
 * its queue was full, clients repeated their SYN after 1, 3 and 7 s.
 *
 * Where the system or Node.js cannot share a port, there is one socket.
 * @returns the port, which `port` 0 leaves to the system
 * @throws Error with the code EADDRINUSE where somebody else listens
 */
export async function listenForBursts(server: Server, port: number, host?: string): Promise<number> {
  if (process.platform !== 'linux') return bind(server, port, host);
  // First alone: whoever shares the port lets another process of the same user share it, which must be an error.
  const alone = new NetServer();
  const free = await bind(alone, port, host);
  await closed(alone);
  const shared = { reusePort: true, backlog } as const;
  await bind(server, free, host, shared);
  const more: NetServer[] = [];
  others.set(server, more);
  try {
    while (more.length < sockets - 1) {
      // As Node.js makes its HTTP servers.
      const socket = new NetServer({ allowHalfOpen: true, noDelay: true });
      await bind(socket, free, host, shared);
      socket.on('connection', (connection) => server.emit('connection', connection));
      more.push(socket);
    }
  } catch (error) {
    // Before 22.12 Node.js does not know of it, and then nobody else may listen here.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  }
  return free;
}

/** Stops listening. @returns a promise that resolves once the last connection has ended */
export async function closeSockets(server: Server): Promise<void> {
  // Node's own for HTTP closes idle connections at once.
  await Promise.all([server, ...(others.get(server) ?? [])].map(closed));
}

const closed = (server: NetServer) =>
  new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
