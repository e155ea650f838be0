import { join } from 'node:path';
import { freePort } from '@bulkhead/development/free-ports';
import { definitions } from './definitions';
import { prepareProcesses } from './local/prepare-processes';
import { startLocalDatabases } from './local/databases';
import { originOf, takePort } from './local/door';
import { startLocalShop } from './local/local-shop';
import { startMailCatcher } from './local/mail-catcher';
import { startLocalProvider } from './local/provider';
import { writePlaces } from './local/places';
import { loadLocalSecrets } from './local/secrets';
import { writeScrapeTargets } from './local/scrape-targets';
import { seedCustomer } from './local/seed-customer';
import { welcome } from './local/welcome';

const graceMs = 20_000;

/** `npm run services`: one process per service over PostgreSQL and RabbitMQ, all ended together. */
export async function runProcesses(options: { readonly fresh: boolean }): Promise<void> {
  await startLocalShop({ fresh: options.fresh, graceMs }, async ({ config, dataDir, undo }) => {
    const front = {
      port: await usablePort(config.PORT, config.HOST),
      adminPort: await usablePort(config.ADMIN_PORT, config.HOST),
    };
    const secrets = await loadLocalSecrets(dataDir);
    const databases = await startLocalDatabases({
      definitions,
      dataDir,
      secrets,
      adminUrl: config.DATABASE_ADMIN_URL,
      migrationsDir: join(__dirname, 'migrations'),
    });
    undo.push(() => databases.stop());
    const mail = await startMailCatcher(join(dataDir, 'mail'));
    undo.push(() => mail.stop());

    const origin = originOf(config.HOST, front.port);
    const provider = await startLocalProvider({ dataDir, origin, secrets });
    undo.push(() => provider.stop());

    const { broker, places, fleet, environmentOf } = await prepareProcesses({
      origin,
      smtpUrl: mail.url,
      providerUrl: provider.url,
      secrets,
      config,
      logLevel: process.env['LOG_LEVEL'] ?? 'info',
      definitions,
      dataDir,
      databases,
      front,
      undo,
    });
    undo.push(() => fleet.stop(graceMs));
    await fleet.launch(
      definitions.map(({ name }) => name),
      environmentOf,
    );
    await writePlaces(dataDir, {
      origin,
      processes: fleet.processes(),
      databases: Object.fromEntries([...databases.byService].map(([name, { appUrl }]) => [name, appUrl])),
      broker: { url: broker.url, ca: config.RABBITMQ_CA, prefix: broker.prefix },
      providerUrl: provider.url,
      mailbox: mail.folder,
    });
    await writeScrapeTargets(dataDir, {
      services: fleet.launched.map(({ name }) => ({
        name,
        address: `${config.HOST}:${places.get(name)!.adminPort}`,
      })),
      broker: broker.metricsAddress,
    });
    await fleet.untilReady();
    await seedCustomer(origin, secrets);
    process.stdout.write(welcome({ origin, adminPort: front.adminPort, mailFolder: mail.folder, secrets }));
  });
}

/** A busy port must fail before anything is touched, not when the gateway starts. 0 selects a free one. */
async function usablePort(port: number, host: string): Promise<number> {
  if (port === 0) return freePort();
  await (await takePort(port, host)).close(0);
  return port;
}
