import { createServer, request as httpRequest, Agent, type Server } from 'node:http';
import { serviceNames } from '@bulkhead/contracts/services';
import { randomIds } from '@bulkhead/service/ids';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { seriesIn } from '@bulkhead/testing/series';
import { gatewayService } from './app';

const names = serviceNames.filter((name) => name !== 'gateway' && name !== 'auth');
const methods = ['GET', 'PUT', 'PATCH', 'DELETE', 'POST', 'PROPFIND', 'REPORT', 'PURGE'];
const atOnce = 16;

describe('the metrics of the gateway', () => {
  let network: TestNetwork;
  let gateway: TestService;
  let servers: Server[];

  const listening = (server: Server) =>
    new Promise<string>((resolve) =>
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`),
      ),
    );
  const answering = (body: () => Promise<unknown>) =>
    createServer((request, response) => {
      request.resume();
      void body().then((value) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
      );
    });

  beforeAll(async () => {
    network = await createTestNetwork();
    const behind = answering(async () => ({}));
    const auth = answering(async () => ({
      keys: (await network.users.keys()).keys.map((key) => ({ ...key, use: 'sig' })),
    }));
    servers = [behind, auth];
    const [origin, authOrigin] = [await listening(behind), await listening(auth)];
    for (const name of names) network.origins.set(name, origin);
    network.origins.set('auth', authOrigin);
    gateway = await startTestService(gatewayService, { network, config: { TRUSTED_HOPS: '1' } });
  });
  afterAll(async () => {
    await gateway.stop();
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('have no new series after 10,000 people with 10,000 addresses asked for 10,000 things', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    const { hostname, port } = new URL(gateway.origin);
    const ask = async (n: number) => {
      const id = randomIds.next();
      const paths = [`/api/v1/orders/${id}`, `/api/v1/products/${id}`, `/api/v1/search?q=${id}`, `/${id}`];
      const headers = {
        authorization: await network.users.authorization(id),
        'x-forwarded-for': `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
        'user-agent': `browser ${id}`,
      };
      const options = { agent, hostname, port, headers };
      return new Promise<number>((resolve, reject) => {
        httpRequest(
          { ...options, method: methods[n % methods.length]!, path: paths[(n >> 3) % paths.length]! },
          (answer) => answer.resume().on('end', () => resolve(answer.statusCode!)),
        )
          .on('error', reject)
          .end();
      });
    };
    const askFrom = async (from: number, to: number) => {
      const statuses = new Set<number>();
      let next = from;
      const lane = async () => {
        for (let n = next++; n < to; n = next++) statuses.add(await ask(n));
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      return [...statuses];
    };

    // Each kind of request first, so that whatever there is to be counted has been.
    await askFrom(0, 64);
    const before = seriesIn(await gateway.metrics());
    expect(await askFrom(64, 10_064)).toEqual(expect.arrayContaining([200, 404]));
    const after = seriesIn(await gateway.metrics());
    agent.destroy();
    expect(before.size).toBeGreaterThan(100);
    expect([...after].filter((series) => !before.has(series))).toEqual([]);
  }, 120_000);
});
