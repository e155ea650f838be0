import { channel as diagnosticsChannel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const sockets = diagnosticsChannel('net.client.socket');

/**
 * The first socket that `begin` opens before it returns. amqplib opens its own and does not expose it; Node.js
 * announces every client socket when it is opened (`node:diagnostics_channel`; those of TLS since 24.2).
 * @returns `socket` is undefined if none was opened, or if Node.js is too old to announce it
 */
export function withSocketOf<T>(begin: () => T): { readonly result: T; readonly socket: Socket | undefined } {
  let socket: Socket | undefined;
  const see = (message: unknown) => (socket ??= (message as { readonly socket: Socket }).socket);
  sockets.subscribe(see);
  try {
    const result = begin();
    return { result, socket };
  } finally {
    sockets.unsubscribe(see);
  }
}
