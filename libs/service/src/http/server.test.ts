import type { Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '@bulkhead/testing/eventually';
import { closeServer, createListenerServer, listen } from './server';

let server: Server;
let port: number;
/** Responses to requests of /slow, which a test ends. */
let slow: ServerResponse[];
beforeEach(async () => {
  slow = [];
  server = createListenerServer(({ url }, response) => {
    if (url === '/slow') slow.push(response);
    else response.end('served');
  });
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
  ['a request with two Hosts', 'GET / HTTP/1.1\r\nHost: shop\r\nhost: shop\r\n\r\n', 400],
  ['an older request with two Hosts', 'GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n', 400],
  ['a Host that is empty', 'GET / HTTP/1.1\r\nhost:\r\n\r\n', 400],
  ['a Host that is a list', 'GET / HTTP/1.1\r\nhost: a, b\r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nhost: shop/x\r\n\r\n', 400],
  ['a Host with a user', 'GET / HTTP/1.1\r\nhost: me@shop\r\n\r\n', 400],
  ['a Host with a port that is none', 'GET / HTTP/1.1\r\nhost: shop:http\r\n\r\n', 400],
  ['a target with a fragment', 'GET /#/../x HTTP/1.1\r\nhost: shop\r\n\r\n', 400],
  ['a target that is no path', 'GET shop HTTP/1.1\r\nhost: shop\r\n\r\n', 400],
  ['a target of another scheme', 'GET ftp://shop/ HTTP/1.1\r\nhost: shop\r\n\r\n', 400],
  ['a target whose host is none', 'GET http:///x HTTP/1.1\r\nhost: shop\r\n\r\n', 400],
  ['a request without a version', 'GET /\r\n\r\n', 400],
  ['a request of HTTP/0.9', 'GET / HTTP/0.9\r\nhost: shop\r\n\r\n', 400],
  ['a request of HTTP/2 in the form of HTTP/1', 'GET / HTTP/2.0\r\nhost: shop\r\n\r\n', 400],
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

test.each(['shop', 'shop:3000', 'shop:', 'shop.example', '127.0.0.1', '[::1]:3000', 'sh%6Fp'])(
  'the Host %s is one',
  async (host) => {
    const text = `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test.each([
  ['an older client, which sends no Host', 'GET / HTTP/1.0\r\n\r\n'],
  [
    'one that expects what nobody knows',
    'GET / HTTP/1.1\r\nhost: shop\r\nexpect: miracles\r\nconnection: close\r\n\r\n',
  ],
])('%s is served', async (_who, bytes) => {
  expect(await answerTo(bytes)).toMatch(/^HTTP\/1\.1 200 [\s\S]*served/);
});

describe('a client that closes its side after its request', () => {
  /** All that comes back to a client that has nothing more to say. */
  const answerToAll = (bytes: string) =>
    new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
    });
  const get = (path: string, version = '1.1') => `GET ${path} HTTP/${version}\r\nhost: shop\r\n\r\n`;

  test('is answered, and then the connection ends', async () => {
    expect(await answerToAll(get('/'))).toMatch(/^HTTP\/1\.1 200 [\s\S]*served$/);
  });

  test('is answered all that it asked', async () => {
    expect((await answerToAll(get('/') + get('/'))).match(/served/g)).toHaveLength(2);
  });

  test.each([
    [
      'and hears meanwhile that it is worked on',
      '1.1',
      /^(HTTP\/1\.1 102 Processing\r\n\r\n){2,}HTTP\/1\.1 200 [\s\S]*late$/,
    ],
    ['where it knows no interim responses', '1.0', /^HTTP\/1\.1 200 [\s\S]*late$/],
  ])('is answered late, %s', async (_how, version, expected) => {
    const answer = answerToAll(get('/slow', version));
    await eventually(() => slow.length === 1);
    await sleep(400);
    slow[0]!.end('late');
    expect(await answer).toMatch(expected);
  });

  test('is not taken for one that is gone, nor the other way round', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(get('/slow')));
    await eventually(() => slow.length === 1);
    const closed = new Promise<void>((resolve) => slow[0]!.once('close', resolve));
    socket.destroy();
    await closed;
    expect(slow[0]!.writableFinished).toBe(false);
  });

  test('in the middle of its request gets an error', async () => {
    expect(await answerToAll('POST /slow HTTP/1.1\r\nhost: shop\r\ncontent-length: 9\r\n\r\nhalf')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });
});

describe('a server that is closing', () => {
  /** A connection that is kept open, and what has come back on it. */
  async function keepOpen() {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    const ask = async () => {
      received = '';
      socket.write('GET / HTTP/1.1\r\nhost: shop\r\n\r\n');
      await eventually(async () => expect(received).toContain('served'));
      return received;
    };
    expect(await ask()).toMatch(/connection: keep-alive/i);
    return { ask, closed };
  }

  test('serves what is on its way on connections that are kept open, and says that it was the last', async () => {
    const { ask, closed } = await keepOpen();
    const closing = closeServer(server, 10_000);
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close/i);
    await Promise.all([closed, closing]);
  });

  test('closes connections on which nothing comes, without waiting for its grace to end', async () => {
    const { closed } = await keepOpen();
    await Promise.all([closed, closeServer(server, 1_000)]);
  });

  test('takes no new connections', async () => {
    await closeServer(server, 0);
    const refused = await new Promise<string | undefined>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('connect', () => resolve(undefined));
      socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    expect(refused).toBe('ECONNREFUSED');
  });
});
