import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';

let servers: Server[];
let proxy: TcpProxy;
const agent = new Agent({ keepAliveTimeout: 5_000 });

async function serve(name: string): Promise<number> {
  const server = createServer((_request, response) => response.end(name)).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
const ask = async (patienceMs = 5_000) => {
  const answer = await request(`http://127.0.0.1:${proxy.port}`, {
    dispatcher: agent,
    signal: AbortSignal.timeout(patienceMs),
  });
  return answer.body.text();
};

beforeEach(async () => {
  servers = [];
  proxy = await startTcpProxy([await serve('one')]);
});
afterEach(async () => {
  await proxy.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => agent.destroy());

it('passes connections on, and new ones to new backends', async () => {
  expect(await ask()).toBe('one');
  proxy.setBackends([await serve('two')]);
  proxy.setMode('refuse');
  proxy.setMode('open');
  expect(await ask()).toBe('two');
});

it('breaks and refuses like a host that is gone, and works again after', async () => {
  expect(await ask()).toBe('one');
  proxy.setMode('refuse');
  await expect(ask()).rejects.toThrow();
  proxy.setMode('open');
  expect(await ask()).toBe('one');
});

it('says nothing in a partition, on old connections and new ones, and works again after', async () => {
  expect(await ask()).toBe('one');
  proxy.setMode('drop');
  await expect(ask(200)).rejects.toThrow(/timeout|abort/i);
  await expect(ask(200)).rejects.toThrow(/timeout|abort/i);
  proxy.setMode('open');
  expect(await ask()).toBe('one');
});
