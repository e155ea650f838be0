import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailCatcher } from '@bulkhead/app/monolith/src/local/mail-catcher';
import { loadLocalSecrets } from '@bulkhead/app/monolith/src/local/secrets';
import { serviceEnvironment } from '@bulkhead/app/monolith/src/local/environment';
import { startSimulatedProvider } from '@bulkhead/app/payment/src/simulated-provider/server';
import { systemClock } from '@bulkhead/resilience/clock';
import { startDatabases } from './databases';
import { readSecret } from './secret-files';
import type { ShopOptions } from './shop';

/** No mail of an experiment may be forgotten before they are counted. */
const maxMails = 100_000;

/** The backing services of every shop, however it runs: a folder, secrets, databases, a payment provider and a mailbox. */
export async function startBackingServices(options: ShopOptions, origin: string) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'bulkhead-experiment-')));
  const logDir = options.logDir ?? join(dataDir, 'logs');
  await mkdir(dataDir, { recursive: true });
  await mkdir(logDir, { recursive: true });
  const secrets = await loadLocalSecrets(dataDir);
  const databases = await startDatabases(dataDir, secrets, options);
  let mail = await startMailCatcher(join(dataDir, 'mail'), 0, maxMails);
  const mailPort = Number(new URL(mail.url).port);
  const provider = await startSimulatedProvider({
    port: 0,
    host: '127.0.0.1',
    webhookUrl: `${origin}/api/v1/payments/webhooks/simulated`,
    webhookSecret: options.secretsDir
      ? () => readSecret(options.secretsDir!, 'payment', 'PAYMENT_WEBHOOK_SECRET')
      : secrets.webhookSecret,
    clock: systemClock,
    maxCharges: 100_000,
  });
  const environment = {
    ...serviceEnvironment({ origin, smtpUrl: mail.url, providerUrl: provider.url, secrets }),
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    FAULTS: 'on',
    ADMIN_TOKEN: secrets.adminToken,
    // Everybody comes from one address here.
    RATE_LIMITS: 'off',
    AUTH_FREE_ATTEMPTS_PER_ADDRESS: '100000',
    ...options.environment,
  };
  return {
    dataDir,
    logDir,
    secrets,
    databases,
    provider,
    environment,
    mailbox: join(dataDir, 'mail'),
    stopMail: () => mail.stop(),
    async startMail() {
      mail = await startMailCatcher(join(dataDir, 'mail'), mailPort, maxMails);
    },
    async stop() {
      await provider.stop();
      await mail.stop().catch(() => undefined);
      await databases.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
export type BackingServices = Awaited<ReturnType<typeof startBackingServices>>;
