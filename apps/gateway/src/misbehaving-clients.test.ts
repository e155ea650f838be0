import { once } from 'node:events';
import { createServer, get as httpGet, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@bulkhead/contracts/services';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { gatewayService } from './app';

const userId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
/** More than a circuit needs to open (20 calls), and more than a bulkhead takes (64 running, 64 waiting). */
const many = 150;

let network: TestNetwork;
let gateway: TestService;
let behind: Server;
let authorization: string;
let held: ServerResponse[] = [];
let arrived: string[] = [];
let hold = false;
const sockets: Socket[] = [];

beforeAll(async () => {
  network = await createTestNetwork();
  behind = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    request.resume();
    request.on('end', () => {
      if (request.url?.includes('jwks'))
        return void network.users.keys().then(({ keys }) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ keys: keys.map((key) => ({ ...key, use: 'sig' })) }));
        });
      if (hold) return void held.push(response);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
  for (const name of serviceNames) network.origins.set(name, origin);
  gateway = await startTestService(gatewayService, {
    network,
    config: { REQUEST_DEADLINE_MS: '1000', RATE_LIMITS: 'off' },
  });
  authorization = await network.users.authorization(userId);
  // Once, so that the users' keys are there.
  expect(await getOrders()).toBe(200);
}, 30_000);

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway?.stop();
  behind?.closeAllConnections();
  await new Promise((resolve) => behind?.close(resolve));
});

beforeEach(() => {
  hold = false;
  held = [];
  arrived = [];
});

const getOrders = (): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    httpGet(`${gateway.origin}/api/v1/orders`, { agent: false, headers: { authorization } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

/** A connection that sends exactly these bytes, and what came back on it so far. */
function send(text: string): { readonly socket: Socket; answer(): string; readonly closed: Promise<string> } {
  let received = '';
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1', () => socket.write(text));
  sockets.push(socket);
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  return {
    socket,
    answer: () => received,
    closed: new Promise((resolve) => socket.once('close', () => resolve(received))),
  };
}

const orderHead = (...headers: string[]) =>
  [
    'POST /api/v1/orders HTTP/1.1',
    'host: shop',
    `authorization: ${authorization}`,
    'content-type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n');

describe('clients that go away before they are answered', () => {
  it('do not make a slow service look broken to the others', async () => {
    hold = true;
    const together = 10;
    for (let round = 0; round < 4; round++) {
      const gone = Array.from({ length: together }, () =>
        send(`GET /api/v1/orders HTTP/1.1\r\nhost: shop\r\nauthorization: ${authorization}\r\n\r\n`),
      );
      await eventually(() => held.length === (round + 1) * together);
      const noticed = held
        .slice(round * together)
        .map((response) => new Promise((resolve) => response.once('close', resolve)));
      for (const { socket } of gone) socket.destroy();
      await Promise.all(noticed);
    }
    hold = false;
    expect(await getOrders()).toBe(200);
    expect(await gateway.metrics()).not.toMatch(/http_response_status_code="5\d\d"/);
  });
});

describe('clients that send too much', () => {
  it('do not make the service look broken to the others', async () => {
    const chunk = 'x'.repeat(40_000);
    for (let i = 0; i < 40; i++) {
      const head = orderHead('transfer-encoding: chunked');
      const sent = send(`${head}${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(4)}0\r\n\r\n`);
      await eventually(() => expect(sent.answer()).toMatch(/^HTTP\/1\.1 413 /));
      sent.socket.end();
      await sent.closed;
    }
    expect(arrived).toEqual([]);
    expect(await getOrders()).toBe(200);
  });
});

describe('clients that are refused while they send', () => {
  const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
  const chunked = () => orderHead('transfer-encoding: chunked');

  it.each([
    ['their body is too large', chunked, 413],
    ['their token is not good', () => chunked().replace(authorization, 'Bearer none'), 401],
  ])('see that %s, and keep their connection', async (_why, head, status) => {
    const sent = send(head());
    await once(sent.socket, 'connect');
    for (let chunks = 0; chunks < 80; chunks += 1) {
      sent.socket.write(chunk);
      if (chunks % 8 === 0) await sleep(1);
    }
    sent.socket.write('0\r\n\r\nGET /api/v1/products HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n');
    const responses = (await sent.closed).match(/HTTP\/1\.1 \d+/g);
    expect(responses).toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 200']);
  });

  it.each([
    ['that says how large it is', () => orderHead('content-length: 10000000')],
    ['of chunks', () => chunked() + chunk.repeat(2)],
  ])('are cut off when a body %s does not end', async (_what, text) => {
    expect(await send(text()).closed).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('are cut off when a body goes on and on', async () => {
    const sent = send(chunked());
    await once(sent.socket, 'connect');
    let chunks = 0;
    while (!sent.socket.destroyed && chunks < 1_000) {
      if (!sent.socket.write(chunk))
        await Promise.race([new Promise((resolve) => sent.socket.once('drain', resolve)), sent.closed]);
      chunks += 1;
    }
    expect(chunks).toBeLessThan(1_000);
    expect(sent.answer()).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('clients that trickle their bodies', () => {
  it('get 408 in the end, occupy no slot of other requests, and never reach the service', async () => {
    const slow = Array.from({ length: many }, () => send(`${orderHead('content-length: 100')}{"lines`));
    await eventually(() => slow.every(({ socket }) => !socket.connecting));
    expect(await getOrders()).toBe(200);
    const responses = await Promise.all(slow.map(({ closed }) => closed));
    for (const answer of responses) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(responses[0]).toContain('urn:bulkhead:problem:request-timeout');
    expect(arrived).toEqual(['GET /api/v1/orders']);
    expect(await getOrders()).toBe(200);
  });
});

describe('a client that closes its side after its request', () => {
  it('is answered all the same', async () => {
    const sent = send(`GET /api/v1/orders HTTP/1.1\r\nhost: shop\r\nauthorization: ${authorization}\r\n\r\n`);
    await once(sent.socket, 'connect');
    sent.socket.end();
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 200 /);
    expect(arrived).toEqual(['GET /api/v1/orders']);
  });

  it('is answered all the same when that takes its time', async () => {
    hold = true;
    const sent = send(`GET /api/v1/orders HTTP/1.1\r\nhost: shop\r\nauthorization: ${authorization}\r\n\r\n`);
    await once(sent.socket, 'connect');
    sent.socket.end();
    await eventually(() => held.length === 1);
    await sleep(250);
    held[0]!.end('{}');
    expect(await sent.closed).toMatch(/HTTP\/1\.1 200 [\s\S]*\{\}/);
  });
});

describe('a request line that means nothing', () => {
  it.each([
    ['a fragment', 'GET /api/v1/products#/../../orders HTTP/1.1'],
    ['no version', 'GET /api/v1/products'],
    ['another version', 'GET /api/v1/products HTTP/2.0'],
  ])('is refused and reaches no service: with %s', async (_what, line) => {
    const sent = send(line.includes(' HTTP/') ? `${line}\r\nhost: shop\r\n\r\n` : `${line}\r\n\r\n`);
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 400 [\s\S]*urn:bulkhead:problem:malformed-request/);
    expect(arrived).toEqual([]);
  });
});

describe('a request that two readers could split differently', () => {
  it.each([
    ['two hosts', ['host: other']],
    ['two lengths', ['content-length: 2', 'content-length: 30']],
    ['a list of lengths', ['content-length: 2, 30']],
    ['a length and chunks', ['content-length: 2', 'transfer-encoding: chunked']],
    ['chunks that are not the last coding', ['transfer-encoding: chunked, identity']],
    ['an unknown coding', ['transfer-encoding: xchunked']],
    ['a coding behind a vertical tab', ['transfer-encoding: \vchunked']],
    ['a space before the colon', ['transfer-encoding : chunked']],
    ['a folded header', ['x-one: 1', ' transfer-encoding: chunked']],
    ['a negative length', ['content-length: -2']],
    ['a length with a sign', ['content-length: +2']],
    ['a length in hexadecimal', ['content-length: 0x2']],
    ['a NUL in a header', ['x-one: a\u0000b', 'content-length: 2']],
    ['a bare CR in a header', ['x-one: a\rtransfer-encoding: chunked', 'content-length: 2']],
    ['a bare LF in place of CRLF', ['x-one: a\ntransfer-encoding: chunked', 'content-length: 2']],
  ])('is refused and reaches no service: %s', async (_what, headers) => {
    const sent = send(`${orderHead(...headers)}{}GET /api/v1/products HTTP/1.1\r\nhost: shop\r\n\r\n`);
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 400 [\s\S]*urn:bulkhead:problem:malformed-request/);
    expect(arrived).toEqual([]);
  });

  it.each([
    ['a chunk of no hexadecimal size', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than it says', '1\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size that overflows', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
  ])('is refused and reaches no service: %s', async (_what, chunks) => {
    const sent = send(`${orderHead('transfer-encoding: chunked')}${chunks}`);
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 400 /);
    expect(arrived).toEqual([]);
  });
});
