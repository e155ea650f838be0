import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { closeServer, createListenerServer, listenForBursts } from './server';

const host = '127.0.0.1';
const burst = 64;

let servers: Server[];
let clients: Socket[];
beforeEach(() => {
  servers = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await Promise.all(servers.map((server) => closeServer(server, 0)));
});

const makeServer = () => {
  const server = createListenerServer((_request, response) => void response.end('served'));
  servers.push(server);
  return server;
};

const enter = (port: number) => {
  const client = connect({ port, host });
  clients.push(client);
  return new Promise<Socket>((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
  });
};

/** Connections that a server accepted in each turn of the event loop in which there were some. */
function countByTurn(server: Server): number[] {
  const turns: number[] = [];
  let open = false;
  server.on('connection', () => {
    if (open) return void (turns[turns.length - 1]! += 1);
    open = true;
    turns.push(1);
    setImmediate(() => (open = false));
  });
  return turns;
}

test('of a burst of connections many are accepted in one turn of the event loop', async () => {
  const server = makeServer();
  const turns = countByTurn(server);
  const port = await listenForBursts(server, 0, host);
  const accepted = new Promise<void>((resolve) =>
    server.on('connection', () => turns.reduce((sum, each) => sum + each, 0) === burst && resolve()),
  );
  await Promise.all([accepted, ...Array.from({ length: burst }, () => enter(port))]);
  // Elsewhere the system cannot divide them, and one a turn is what there is.
  if (process.platform === 'linux') expect(turns.length).toBeLessThan(burst / 2);
  expect(turns.length).toBeLessThanOrEqual(burst);
});

test('whichever socket accepts a connection, its requests are served', async () => {
  const server = makeServer();
  const port = await listenForBursts(server, 0, host);
  const responses = await Promise.all(
    Array.from({ length: burst }, async () => {
      const client = await enter(port);
      client.end(`GET / HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n`);
      let received = '';
      for await (const chunk of client.setEncoding('utf8')) received += String(chunk);
      return received;
    }),
  );
  for (const response of responses) expect(response).toMatch(/^HTTP\/1\.1 200 [^]*served$/);
});

test('a port that somebody listens to is taken, however they listen', async () => {
  const port = await listenForBursts(makeServer(), 0, host);
  await expect(listenForBursts(makeServer(), port, host)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('closing the server closes the connections of all sockets, and leaves the port free', async () => {
  const server = makeServer();
  const port = await listenForBursts(server, 0, host);
  const entered = await Promise.all(Array.from({ length: burst }, () => enter(port)));
  const ended = entered.map(
    (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
  );
  for (const client of entered) client.resume().on('error', () => undefined);
  await closeServer(server, 0);
  await Promise.all(ended);
  expect(await listenForBursts(makeServer(), port, host)).toBe(port);
});
