import path from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import { freePorts } from '@bulkhead/development/free-ports';
import { type OwnedProcess, spawnOwned } from '@bulkhead/development/owned-process';
import { devIssuer, issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { eventually } from '@bulkhead/testing/eventually';
import { nodeFlags } from './local/node-flags';
import { makeDataDir, removeDataDir, startProcess } from './testing/running-shop';

const secret = 'kJ8#vQ2!mZ7@xR4$nB9%wT1^cL6&yH3*';

/** What a service of a real shop is told, of servers that need not be there for it to begin. */
const good = {
  PATH: process.env['PATH'],
  NODE_ENV: 'production',
  PORT: '0',
  ADMIN_PORT: '0',
  HOST: '127.0.0.1',
  SERVICE_IDENTITY_DIR: '/nowhere/identity',
  SERVICE_IDENTITY_ISSUER: 'https://kubernetes.default.svc',
  SERVICE_IDENTITY_JWKS: 'http://127.0.0.1:1/jwks',
  DATABASE_URL: 'postgres://app:Kq3-x8Vb2_nT@127.0.0.1:1/own',
  RABBITMQ_URL: 'amqp://app:Zt7_pQ4-mW9x@127.0.0.1:1',
  AUTH_KEY_ENCRYPTION_SECRET: secret,
  PAYMENT_WEBHOOK_SECRET: secret,
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_live_nobodys_but_ours',
  PAYMENT_RETURN_URL: 'https://shop.example/orders',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'orders@shop.example',
  PUBLIC_URL: 'https://shop.example',
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, 'http://127.0.0.1:1'])),
};

let running: OwnedProcess | undefined;
afterEach(async () => {
  await running?.stop(0);
  running = undefined;
});

/** The bundle of a service as its container runs it. */
function startBundle(service: string, change: Record<string, string>) {
  const bundle = path.resolve('dist/apps', service, 'main.js');
  running = spawnOwned(process.execPath, [...nodeFlags, bundle], {
    env: { ...good, ...change },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [running.child.stdout, running.child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { ended: running.ended, output: () => output };
}

it.each([
  ['gateway', { SERVICE_IDENTITY_ISSUER: devIssuer }, 'SERVICE_IDENTITY_ISSUER is the development issuer'],
  ['search', { FAULTS: 'on', ADMIN_TOKEN: secret }, 'FAULTS=on is refused'],
  ['profile', { RABBITMQ_URL: 'amqp://guest:guest@127.0.0.1:1' }, 'RABBITMQ_URL holds a default password'],
  ['auth', { AUTH_KEY_ENCRYPTION_SECRET: '' }, 'AUTH_KEY_ENCRYPTION_SECRET is the default or too weak'],
  ['product', { SEED: 'on' }, 'SEED is on'],
  ['inventory', { SEED: 'on' }, 'SEED is on'],
  ['notification', { MAIL_FROM: 'Bulkhead <shop@shop.example>' }, 'MAIL_FROM is the placeholder'],
  ['payment', { PAYMENT_WEBHOOK_SECRET: 'w'.repeat(40) }, 'PAYMENT_WEBHOOK_SECRET is too weak'],
])('%s does not start in production with %j', async (service, change, sentence) => {
  const { ended, output } = startBundle(service, change);
  expect(await ended).toBe(78);
  expect(output()).toContain(sentence);
  expect(output()).toContain('NODE_ENV=production');
  expect(output()).not.toMatch(/^ +at /m);
});

it('a service that can read the issuer of its tokens nowhere says so at the start', async () => {
  const { ended, output } = startBundle('gateway', { SERVICE_IDENTITY_ISSUER: '' });
  expect(await ended).toBe(78);
  expect(output()).toContain(
    "SERVICE_IDENTITY_ISSUER is missing, and cannot be read from the service's own token /nowhere/identity/gateway (ENOENT)",
  );
});

it('an issuer that is not that of the service’s own token is logged at the start', async () => {
  const identities = await makeDataDir();
  await issueDevIdentities(identities, 600);
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const { output } = startBundle('gateway', {
    NODE_ENV: 'test',
    SERVICE_IDENTITY_DIR: path.join(identities, 'gateway'),
    SERVICE_IDENTITY_ISSUER: issuer,
  });
  await eventually(() =>
    expect(output()).toContain(`it is ${issuer}, but the service's own token is of ${devIssuer}`),
  );
  expect(output()).toContain('calls from other services will be rejected');
  await removeDataDir(identities);
});

it.each(serviceNames)('%s starts in production as it is meant to', async (service) => {
  const [adminPort] = await freePorts(1);
  startBundle(service, { ADMIN_PORT: String(adminPort) });
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${adminPort}/livez`)).status).toBe(200);
  });
});

it.each(['monolith', 'services'] as const)(
  '%s, which makes its own passwords, does not start in production',
  async (command) => {
    const dataDir = await makeDataDir();
    const { owned, output } = await startProcess({
      command,
      dataDir,
      environment: { NODE_ENV: 'production' },
    });
    running = owned;
    expect(await owned.ended).toBe(78);
    expect(output()).toContain('NODE_ENV is production');
    await removeDataDir(dataDir);
  },
);
