import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '@bulkhead/testing/eventually';
import { closeServer, createListenerServer, listen } from './server';

let server: Server;
let port: number;
beforeEach(async () => {
  server = createListenerServer((_request, response) => response.end('served'));
  port = await listen(server, 0, '127.0.0.1');
});
afterEach(() => closeServer(server, 0));

/** A client that has begun with a header that will not end, and what becomes of its connection. */
function begin() {
  const seen = { received: '', error: undefined as Error | undefined };
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('data', (chunk) => (seen.received += chunk.toString()));
  socket.on('error', (error) => (seen.error = error));
  const ended = new Promise<void>((resolve) => socket.on('end', resolve));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write('GET / HTTP/1.1\r\nhost: shop\r\nx-large: ');
  return { seen, socket, ended, closed };
}

async function send(socket: Socket, chunks: number): Promise<number> {
  let sent = 0;
  while (sent < chunks && !socket.destroyed) {
    socket.write('x'.repeat(16_384));
    sent += 1;
    await sleep(2);
  }
  return sent;
}

test('a client that is still sending when it is refused gets the answer all the same', async () => {
  const { seen, socket, ended, closed } = begin();
  expect(await send(socket, 20)).toBe(20);
  socket.end();
  await Promise.all([ended, closed]);
  expect(seen.error).toBeUndefined();
  expect(seen.received).toMatch(/^HTTP\/1\.1 431 /);
  expect(seen.received.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('one that goes on sending is cut off', async () => {
  const { seen, socket, closed } = begin();
  expect(await send(socket, 1_000)).toBeLessThan(1_000);
  await closed;
  expect(seen.received).toMatch(/^HTTP\/1\.1 431 /);
});

test('one that neither sends nor closes is cut off', async () => {
  const { seen, socket, ended } = begin();
  await send(socket, 2);
  await ended;
  expect(seen.received).toMatch(/^HTTP\/1\.1 431 /);
  const connections = promisify(server.getConnections.bind(server));
  await eventually(async () => (await connections()) === 0);
  socket.destroy();
});

/** All that comes back for exactly these bytes, until the server closes. */
const answerTo = (bytes: string) =>
  new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });

test.each([
  ['a request without Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['a tunnel', 'CONNECT shop:443 HTTP/1.1\r\nhost: shop:443\r\n\r\n', 400],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a target of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: shop\r\n\r\n`, 431],
  ['headers that never end', 'GET / HTTP/1.1\r\nhost: shop\r\nx-slow: ', 408],
])('%s is answered with a problem', async (_what, bytes, status) => {
  const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^urn:bulkhead:problem:/) });
});

test.each([
  ['an older client, which sends no Host', 'GET / HTTP/1.0\r\n\r\n'],
  [
    'one that expects what nobody knows',
    'GET / HTTP/1.1\r\nhost: shop\r\nexpect: miracles\r\nconnection: close\r\n\r\n',
  ],
])('%s is served', async (_who, bytes) => {
  expect(await answerTo(bytes)).toMatch(/^HTTP\/1\.1 200 [\s\S]*served/);
});
