import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A load balancer for TCP that can be cut: what stands between two parts of the shop where a test wants to intervene. */
export interface TcpProxy {
  readonly port: number;
  /** Ports on loopback to which new connections go in turn. Connections there are stay. */
  setBackends(ports: readonly number[]): void;
  /**
   * 'open': passes everything. 'refuse': breaks what is open and refuses what comes, as a dead host does. 'drop': passes
   * nothing and says nothing, as a network partition does.
   */
  setMode(mode: 'open' | 'refuse' | 'drop'): void;
  close(): Promise<void>;
}

export async function startTcpProxy(backends: readonly number[], port = 0): Promise<TcpProxy> {
  let ports = backends;
  let mode: 'open' | 'refuse' | 'drop' = 'open';
  let turn = 0;
  const sockets = new Set<Socket>();

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    const target = ports[turn++ % ports.length];
    if (mode === 'refuse' || target === undefined) return client.destroy();
    if (mode === 'drop') return client.pause();
    const backend = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    keep(backend);
    client.on('close', () => backend.destroy());
    backend.on('close', () => client.destroy());
    client.pipe(backend).pipe(client);
    return undefined;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    setBackends: (next) => (ports = next),
    setMode(next) {
      mode = next;
      // After a partition what hung in it is dead: its packets were lost.
      if (next !== 'drop') return [...sockets].forEach((socket) => socket.destroy());
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
