import { gatewayService } from '@bulkhead/app/gateway/src/app';
import { systemClock } from '@bulkhead/resilience/clock';
import { createTestUsers, type TestUsers } from '@bulkhead/service/testing/test-users';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveKit } from '../kit-service';
import { announce } from '../processes';

const userId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b60';
/** Limits are counted and sent, but one generator may send as much as it can. */
const limits = {
  RATE_LIMIT_CLIENT_PER_SECOND: '1000000',
  RATE_LIMIT_CLIENT_BURST: '1000000',
  RATE_LIMIT_USER_PER_SECOND: '1000000',
  RATE_LIMIT_USER_BURST: '1000000',
};

export async function serveGateway(): Promise<void> {
  const users = await createTestUsers(systemClock);
  const keysUrl = await serveKeys(users.keys);
  const { origin } = await serveKit({
    definition: gatewayService,
    environment: limits,
    origins: { order: process.env['UPSTREAM_URL']!, auth: keysUrl },
    users,
  });
  announce({ origin, keysUrl, headers: { authorization: await users.authorization(userId) } });
}

/** Auth's part: the keys of the users' tokens. */
async function serveKeys(keysOf: TestUsers['keys']): Promise<string> {
  const { keys } = await keysOf();
  const body = JSON.stringify({ keys: keys.map((key) => ({ ...key, use: 'sig' })) });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
