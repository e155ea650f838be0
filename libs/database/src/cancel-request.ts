import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type pg from 'pg';

/** Data of a connected client's server session; pg sets these properties without typing them. */
interface Session {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | ConnectionOptions;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

const sslRequestCode = 80_877_103;
const cancelRequestCode = 80_877_102;
const timeoutMs = 2_000;

/**
 * Asks the server to cancel the statement of this connection, with the protocol's CancelRequest
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS). Unlike
 * `pg_cancel_backend` it reaches the right backend through a connection pooler, takes no connection of the pool, and
 * works when the server has none left. Uses TLS if the connection itself does.
 * @returns once the server has closed the connection, which is its only response
 * @throws Error when the server cannot be reached within 2 s
 */
export async function requestCancel(client: pg.Client | pg.PoolClient): Promise<void> {
  const { host, port, ssl, processID, secretKey } = client as unknown as Session;
  if (processID === null || secretKey === null) return;
  const socket = host.startsWith('/') ? connectTcp(`${host}/.s.PGSQL.${port}`) : connectTcp(port, host);
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('timed out waiting for the server')));
  let current: Socket = socket;
  try {
    await once(socket, 'connect');
    if (ssl) current = await upgrade(socket, host, ssl);
    current.end(message(cancelRequestCode, processID, secretKey));
    current.resume();
    await once(current, 'close');
  } finally {
    current.destroy();
    socket.destroy();
  }
}

async function upgrade(socket: Socket, host: string, ssl: true | ConnectionOptions): Promise<Socket> {
  socket.write(message(sslRequestCode));
  const [response] = (await once(socket, 'data')) as [Buffer];
  if (response.toString('latin1') !== 'S') throw new Error('the server does not support TLS');
  const secure = connectTls({
    // An IP address is not a valid server name (RFC 6066); without `host` the certificate is compared with `localhost`.
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ssl === true ? {} : ssl),
    socket,
  });
  await once(secure, 'secureConnect');
  return secure;
}

/** Length, then 32-bit integers, all big-endian. */
function message(...words: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 + 4 * words.length);
  buffer.writeInt32BE(buffer.length, 0);
  words.forEach((word, index) => buffer.writeInt32BE(word | 0, 4 + 4 * index));
  return buffer;
}

const once = (socket: Socket, event: string) =>
  new Promise<unknown[]>((resolve, reject) => {
    socket.once(event, (...values: unknown[]) => resolve(values));
    socket.once('error', reject);
    if (event !== 'close') socket.once('close', () => reject(new Error('the server closed the connection')));
  });
