import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  get as httpGet,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import { bundleProgram } from '@bulkhead/development/bundle-program';
import { freePort } from '@bulkhead/development/free-ports';
import { type OwnedProcess, spawnOwned } from '@bulkhead/development/owned-process';
import { systemClock } from '@bulkhead/resilience/clock';
import { issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { createTestUsers } from '@bulkhead/service/testing/test-users';
import { eventually } from '@bulkhead/testing/eventually';

const root = path.join(__dirname, '../../..');
const orderId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
const requestsUnderWay = 20;

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Did it end as HTTP says, or was the connection cut? */
  readonly whole: boolean;
}

const read = (response: IncomingMessage): Promise<Answer> =>
  new Promise((resolve) => {
    let body = '';
    response.on('data', (chunk: Buffer) => (body += chunk.toString()));
    response.on('error', () => undefined);
    response.on('close', () => resolve({ status: response.statusCode ?? 0, body, whole: response.complete }));
  });

const ask = (url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    httpGet(url, { agent: false, headers }, resolve).on('error', reject);
  });

describe('a gateway process', () => {
  let folder: string;
  let behind: Server;
  let gateway: OwnedProcess;
  let origin: string;
  let admin: string;
  let authorization: string;
  /** Answers that the service behind holds back. */
  const held: ServerResponse[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-gateway-'));
    await bundleProgram(path.join(__dirname, 'main.ts'), path.join(folder, 'gateway.js'));
    const users = await createTestUsers(systemClock);
    authorization = await users.authorization(orderId);
    behind = createServer((request, response) => {
      if (request.url?.includes('jwks')) {
        void users.keys().then(({ keys }) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ keys: keys.map((key) => ({ ...key, use: 'sig' })) }));
        });
      } else if (request.url?.startsWith('/internal/sessions')) {
        // Auth does not tell whether the session lives: the stream opens all the same.
        response.writeHead(503).end();
      } else if (request.url?.endsWith('/events')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: 1\ndata: {}\n\n');
      } else held.push(response);
    });
    await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
    const behindUrl = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
    const identities = path.join(folder, 'identities');
    await issueDevIdentities(identities, 600);
    const [port, adminPort] = [await freePort(), await freePort()];
    origin = `http://127.0.0.1:${port}`;
    admin = `http://127.0.0.1:${adminPort}`;
    gateway = spawnOwned(process.execPath, [path.join(folder, 'gateway.js')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        NODE_PATH: path.join(root, 'node_modules'),
        NODE_ENV: 'test',
        LOG_LEVEL: 'silent',
        HOST: '127.0.0.1',
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        KEEP_ALIVE_TIMEOUT_MS: '620000',
        SERVICE_IDENTITY_DIR: path.join(identities, 'gateway'),
        ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, behindUrl])),
      },
    });
    await eventually(async () => (await read(await ask(`${admin}/readyz`))).status === 200, {
      timeoutMs: 30_000,
    });
  }, 60_000);

  afterAll(async () => {
    await gateway?.stop(1_000);
    behind?.closeAllConnections();
    await new Promise((resolve) => behind?.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps idle connections for the configured time, so that the load balancer closes them first', async () => {
    const { headers } = await fetch(`${origin}/`);
    expect(headers.get('keep-alive')).toBe('timeout=620');
  });

  it('that is asked to shut down completes all open requests, ends its streams cleanly, and exits successfully', async () => {
    const stream = await ask(`${origin}/api/v1/orders/${orderId}/events`, { authorization });
    const streamed = read(stream);
    const responses = Array.from({ length: requestsUnderWay }, async () =>
      read(await ask(`${origin}/api/v1/products`)),
    );
    await eventually(() => held.length === requestsUnderWay, { what: 'every request to reach the service' });

    gateway.child.kill('SIGTERM');
    await eventually(async () => (await read(await ask(`${admin}/readyz`))).status === 503);
    await expect(streamed).resolves.toMatchObject({ status: 200, whole: true });
    for (const response of held) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');

    const done = await Promise.all(responses);
    expect(done).toEqual(Array(requestsUnderWay).fill({ status: 200, body: '{}', whole: true }));
    await expect(gateway.ended).resolves.toBe(0);
  });
});
