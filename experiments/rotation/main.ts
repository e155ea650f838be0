import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  buy,
  createShopClient,
  type Person,
  plentifulProduct,
  registerPeople,
} from '@bulkhead/app/acceptance/src/client';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { withClient } from '@bulkhead/database/admin-client';
import { atDatabase } from '@bulkhead/database/provision';
import { allPermissions, brokerAdmin } from '@bulkhead/messaging/broker-admin';
import { createNames } from '@bulkhead/messaging/rabbitmq/topology';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { connect } from 'amqplib';
import { bundles } from '../shop/databases';
import { giveSecret, readSecret, secretFile } from '../shop/secret-files';
import { startServices } from '../shop/start-services';
import { startTcpProxy } from '../shop/tcp-proxy';

/**
 * Rotates every secret of a shop of nine processes while people buy, as docs/rotation.md says, and looks whether anything
 * failed or was lost. The last line is `N passed, N failed`.
 */
const buyers = 4;
/** More at once than any pool has connections, so that new ones are made with the login of the moment. */
const burst = 40;

const print = (line: string) => void process.stdout.write(`${line}\n`);

const failures: string[] = [];
let passed = 0;
const check = (sentence: string, holds: boolean) => {
  print(`${holds ? 'ok' : 'FAILED'}  ${sentence}`);
  if (holds) passed += 1;
  else failures.push(sentence);
};
const newPassword = () => randomBytes(18).toString('base64url');
const withPassword = (url: string, password: string) => Object.assign(new URL(url), { password }).toString();

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-rotation-'));
  const shop = await startServices({
    secretsDir: folder,
    environment: { LOG_LEVEL: 'info' },
    restartAfterMs: 0,
  });
  const brokerWay = await startTcpProxy([Number(new URL(shop.brokerUrl!).port)]);
  try {
    await rotateAll(folder, shop, brokerWay);
  } finally {
    await shop.stop();
    await brokerWay.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function rotateAll(
  folder: string,
  shop: Awaited<ReturnType<typeof startServices>>,
  brokerWay: Awaited<ReturnType<typeof startTcpProxy>>,
): Promise<void> {
  const client = createShopClient(shop.origin);
  const people = await registerPeople(client, buyers);
  const { productId } = await plentifulProduct(client);
  let bought = 0;
  let calls = 0;
  const failed: string[] = [];
  const call: typeof client.call = async (path, options) => {
    const response = await client.call(path, options);
    calls += 1;
    if (response.status >= 400)
      failed.push(`${options?.method ?? 'GET'} ${path}: ${response.status} ${response.text}`);
    return response;
  };

  let flowing = true;
  const live = async (person: Person) => {
    let { refreshToken } = person;
    for (let turn = 0; flowing; turn += 1) {
      const response = await buy({ ...client, call }, person, { productId });
      // 202 where it is not decided at once.
      if (response.status < 300) bought += 1;
      await call('/api/v1/products?limit=5');
      if (turn % 5 === 0) {
        const refreshed = await call('/api/v1/auth/refresh', { method: 'POST', json: { refreshToken } });
        refreshToken =
          (refreshed.body as { refreshToken?: string } | undefined)?.refreshToken ?? refreshToken;
      }
      await systemClock.sleep(50);
    }
    return refreshToken;
  };
  const flow = Promise.all(people.map(live));
  const many = async () => {
    const paths = [
      '/api/v1/orders',
      '/api/v1/me',
      '/api/v1/products?limit=5',
      '/api/v1/notifications',
      '/api/v1/search?q=cable',
    ];
    await Promise.all(
      Array.from({ length: burst }, (_, index) =>
        call(paths[index % paths.length]!, { token: people[index % buyers]!.token }),
      ),
    );
  };
  const rotated = async (what: string, steps: () => Promise<void>) => {
    const [before, callsBefore] = [failed.length, calls];
    await steps();
    await many();
    check(
      `${what}: no request failed of ${calls - callsBefore}`,
      failed.length === before && calls > callsBefore,
    );
    for (const failure of failed.slice(before, before + 3)) print(`        ${failure}`);
  };
  const give = (service: ServiceName, variable: Parameters<typeof giveSecret>[2], ...values: string[]) =>
    giveSecret(folder, service, variable, ...values);
  const first = (service: ServiceName, variable: Parameters<typeof giveSecret>[2]) =>
    readSecret(folder, service, variable)[0]!;

  // Only a few connections are open by now.
  const services = [...shop.databases.keys()];
  await rotated('passwords of the databases: both given, role changed, old one gone', async () => {
    for (const service of services) {
      const old = first(service, 'DATABASE_URL');
      const young = withPassword(old, newPassword());
      await give(service, 'DATABASE_URL', young, old);
      await many();
      await withClient(old, (own) =>
        own.query(`alter role current_user password '${decodeURIComponent(new URL(young).password)}'`),
      );
      await many();
      await give(service, 'DATABASE_URL', young);
    }
  });
  await rotated('a second role takes over a database, and the first may sign in no more', async () => {
    const { ownerUrl } = shop.databases.get('order')!;
    const admin = shop.databaseAdminUrl!('order');
    const password = newPassword();
    await withClient(admin, async (server) => {
      await server.query(`create role order_app_b login password '${password}' in role order_app`);
      await server.query(`alter role order_app_b set statement_timeout = '10s'`);
    });
    const database = decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
    await give('order', 'DATABASE_URL', atDatabase(ownerUrl, database, 'order_app_b', password));
    await many();
    await withClient(admin, (server) => server.query('alter role order_app nologin'));
  });

  const admin = brokerAdmin(shop.brokerManagementUrl!);
  const cutBroker = async () => {
    brokerWay.setMode('refuse');
    await systemClock.sleep(100);
    brokerWay.setMode('open');
  };
  await rotated('users and passwords of the broker, and every connection to it lost', async () => {
    for (const service of services) {
      const name = `${service}-rotated`;
      const own = Object.assign(new URL(shop.brokerUrl!), {
        username: name,
        port: String(brokerWay.port),
      }).toString();
      const old = withPassword(own, newPassword());
      const young = withPassword(own, newPassword());
      await admin.createUser({ name, password: new URL(old).password });
      await admin.permit(name, '/', allPermissions);
      await give(service, 'RABBITMQ_URL', old);
      await give(service, 'RABBITMQ_URL', young, old);
      await admin.createUser({ name, password: new URL(young).password });
      await cutBroker();
      await give(service, 'RABBITMQ_URL', young);
    }
  });

  await rotated('the secret of webhooks: both given, then the new one', async () => {
    const [old, young] = [first('payment', 'PAYMENT_WEBHOOK_SECRET'), newPassword() + newPassword()];
    await give('payment', 'PAYMENT_WEBHOOK_SECRET', young, old);
    await systemClock.sleep(1_000);
    await give('payment', 'PAYMENT_WEBHOOK_SECRET', young);
    await systemClock.sleep(500);
  });
  await rotated('the login at the mail server', async () => {
    const own = new URL(first('notification', 'SMTP_URL'));
    own.username = 'shop';
    await give('notification', 'SMTP_URL', withPassword(own.toString(), newPassword()), own.toString());
    await systemClock.sleep(500);
    await give('notification', 'SMTP_URL', withPassword(own.toString(), newPassword()));
  });
  await rotated('the secret of auth: added, preferred, then alone', async () => {
    const [old, young] = [first('auth', 'AUTH_KEY_ENCRYPTION_SECRET'), newPassword() + newPassword()];
    const sealed = () =>
      withClient(shop.databases.get('auth')!.ownerUrl, async (own) =>
        (await own.query<{ private_key: Buffer }>('select private_key from signing_keys')).rows
          .map(({ private_key }) => private_key.toString('hex'))
          .join(),
      );
    await give('auth', 'AUTH_KEY_ENCRYPTION_SECRET', old, young);
    await systemClock.sleep(500);
    const before = await sealed();
    await give('auth', 'AUTH_KEY_ENCRYPTION_SECRET', young, old);
    await eventually(async () => (await sealed()) !== before, {
      timeoutMs: 30_000,
      what: 'the keys are sealed anew',
    });
    await give('auth', 'AUTH_KEY_ENCRYPTION_SECRET', young);
    await systemClock.sleep(500);
  });

  flowing = false;
  const refreshTokens = await flow;
  check(`all ${calls} requests were answered well`, failed.length === 0);

  await stolenKey(folder, client, people, refreshTokens);
  await nothingLost(shop, bought);
}

/** The only rotation that may refuse requests: that is its purpose. */
async function stolenKey(
  folder: string,
  client: ReturnType<typeof createShopClient>,
  people: readonly Person[],
  refreshTokens: readonly string[],
): Promise<void> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(bundles, 'auth/main.js'), 'revoke-signing-keys'],
    {
      env: {
        DATABASE_URL_FILE: secretFile(folder, 'auth', 'DATABASE_URL'),
        AUTH_KEY_ENCRYPTION_SECRET_FILE: secretFile(folder, 'auth', 'AUTH_KEY_ENCRYPTION_SECRET'),
      },
    },
  );
  const revokedAt = Date.now();
  check(
    'the command says what it revoked, and which key signs now',
    /^revoked \S+\nsigning with \S+$/m.test(stdout),
  );
  const { token } = people[0]!;
  const paths = ['/api/v1/orders', '/api/v1/me', '/api/v1/notifications', '/api/v1/auth/sessions'];
  await eventually(
    async () => {
      const responses = await Promise.all(paths.map((path) => client.call(path, { token })));
      return responses.every(({ status }) => status === 401);
    },
    { timeoutMs: 40_000, what: 'tokens of the revoked key are refused everywhere' },
  );
  const seconds = (Date.now() - revokedAt) / 1000;
  check(`tokens of the revoked key are refused everywhere after ${seconds.toFixed(1)} s`, seconds < 30);
  // A replica of auth signs with what it has read for another second.
  await systemClock.sleep(1_500);
  const responses = await Promise.all(
    refreshTokens.map((refreshToken) =>
      client.call('/api/v1/auth/refresh', { method: 'POST', json: { refreshToken } }),
    ),
  );
  const orders = await Promise.all(
    responses.map(({ body }) =>
      client.call('/api/v1/orders', { token: (body as { accessToken: string }).accessToken }),
    ),
  );
  for (const response of [...responses, ...orders])
    if (response.status !== 200) print(`        ${response.status} ${response.text}`);
  check(
    'people go on with their refresh tokens',
    orders.every(({ status }) => status === 200),
  );
}

async function nothingLost(shop: Awaited<ReturnType<typeof startServices>>, orders: number): Promise<void> {
  const count = (service: ServiceName, statement: string) =>
    withClient(shop.databases.get(service)!.ownerUrl, async (own) => {
      const { rows } = await own.query<{ count: number }>(statement);
      return rows[0]!.count;
    });
  const told = `select count(*)::int from notification where template = 'order-confirmed'`;
  await eventually(async () => (await count('notification', told)) >= orders, {
    timeoutMs: 30_000,
    what: 'everybody is told of their orders',
  }).catch(() => undefined);
  const confirmed = await count('notification', told);
  check(`all ${orders} orders were told of, once each (${confirmed})`, confirmed === orders && orders > 0);
  await eventually(
    async () => {
      for (const service of shop.databases.keys())
        if ((await count(service, 'select count(*)::int from outbox where sent_at is null')) > 0)
          return false;
      return true;
    },
    { timeoutMs: 30_000 },
  ).catch(() => undefined);
  let unsent = 0;
  for (const service of shop.databases.keys())
    unsent += await count(service, 'select count(*)::int from outbox where sent_at is null');
  check('every event was sent', unsent === 0);
  const connection = await connect(shop.brokerUrl!);
  try {
    const channel = await connection.createChannel();
    let dead = 0;
    for (const { group } of Object.values(subscriptions))
      dead += (await channel.checkQueue(createNames('bulkhead.').deadQueue(group))).messageCount;
    check('there is no dead letter', dead === 0);
  } finally {
    await connection.close();
  }
}

main()
  .catch((error: unknown) => void failures.push((error as Error).stack ?? String(error)))
  .finally(() => {
    for (const failure of failures) print(failure);
    print(`${passed} passed, ${failures.length} failed`);
    process.exit(failures.length === 0 ? 0 : 1);
  });
