import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { createAuthority } from './authority';

export interface TlsFront {
  readonly port: number;
  /** PEM of the authority to trust, for `localhost` and 127.0.0.1. */
  readonly ca: string;
  /** Breaks every connection there is. */
  cut(): void;
  close(): Promise<void>;
}

/** TLS with a certificate of nobody's before a server that speaks without, on loopback. Needs `openssl`. */
export async function openTlsFront(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TlsFront> {
  const authority = createAuthority('Front');
  const { key, cert } = authority.issue(['localhost', '127.0.0.1']);
  const sockets = new Set<Socket>();
  const server = createServer({ key, cert }, (client) => {
    const upstream = connect(target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  // A client that does not trust us says so and goes.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    port: (server.address() as AddressInfo).port,
    ca: authority.ca,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
