import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { freePort, freePorts } from '@bulkhead/database/free-ports';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { devIssuer, devSubjectPrefix, issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { LocalConfig } from './config';
import { definitions } from './definitions';
import { startLocalBroker } from './local/broker';
import { openDataFolder } from './local/data-folder';
import { startLocalDatabases } from './local/databases';
import { originOf, takePort } from './local/door';
import { serviceEnvironment } from './local/environment';
import { startMailCatcher } from './local/mail-catcher';
import { startLocalProvider } from './local/provider';
import { givenVariables } from './local/given-variables';
import { writePlaces } from './local/places';
import { loadLocalSecrets } from './local/secrets';
import { writeScrapeTargets } from './local/scrape-targets';
import { seedCustomer } from './local/seed-customer';
import { launchService, type LaunchedService, waitUntilReady } from './local/service-process';
import { stopOnSignal } from './local/stop-on-signal';
import { welcome } from './local/welcome';

const graceMs = 20_000;
const identityLifetimeSeconds = 30 * 24 * 3600;

/** `npm run services`: one process a service over PostgreSQL and RabbitMQ, all ended together. */
export async function runProcesses(options: { readonly fresh: boolean }): Promise<void> {
  const config = loadConfig(LocalConfig, process.env);
  if (config.NODE_ENV === 'production')
    throw new ConfigError(
      'NODE_ENV is production, but this start makes its own passwords, provider and mailbox; deploy the services instead.',
    );
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  stopOnSignal(stop, graceMs);

  try {
    const folder = await openDataFolder(resolve(config.DATA_DIR), options.fresh);
    undo.push(() => folder.release());
    const dataDir = folder.path;
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
    // Empty counts as not given, as for the services.
    const prefix = process.env['RABBITMQ_PREFIX'] || undefined;
    const broker = await startLocalBroker({
      services: definitions.filter(({ database }) => database).map(({ name }) => name),
      dataDir,
      secrets,
      url: config.RABBITMQ_URL,
      ca: config.RABBITMQ_CA,
      managementUrl: config.RABBITMQ_MANAGEMENT_URL,
      prefix,
    });
    undo.push(() => broker.stop());
    const mail = await startMailCatcher(join(dataDir, 'mail'));
    undo.push(() => mail.stop());

    const names = definitions.map(({ name }) => name);
    const free = await freePorts(names.length * 2);
    const ports = new Map(
      names.map((name, index) => [
        name,
        name === 'gateway' ? front : { port: free[index * 2]!, adminPort: free[index * 2 + 1]! },
      ]),
    );
    const origin = originOf(config.HOST, front.port);
    const provider = await startLocalProvider({ dataDir, origin, secrets });
    undo.push(() => provider.stop());
    const identityDir = join(dataDir, 'identity');
    await issueDevIdentities(identityDir, identityLifetimeSeconds);

    const shared = {
      ...serviceEnvironment({ origin, smtpUrl: mail.url, providerUrl: provider.url, secrets }),
      NODE_ENV: config.NODE_ENV,
      HOST: config.HOST,
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
      ADMIN_TOKEN: config.ADMIN_TOKEN ?? secrets.adminToken,
      FAULTS: config.FAULTS ? 'on' : 'off',
      SERVICE_IDENTITY_ISSUER: devIssuer,
      SERVICE_IDENTITY_SUBJECT_PREFIX: devSubjectPrefix,
      ...Object.fromEntries(
        names.map((name) => [`${name.toUpperCase()}_URL`, originOf(config.HOST, ports.get(name)!.port)]),
      ),
    };
    const environmentOf = (name: ServiceName) => ({
      ...shared,
      ...givenVariables(
        definitions.find((definition) => definition.name === name)!,
        process.env,
      ),
      PORT: String(ports.get(name)!.port),
      ADMIN_PORT: String(ports.get(name)!.adminPort),
      SERVICE_IDENTITY_DIR: join(identityDir, name),
      ...(databases.byService.has(name) ? { DATABASE_URL: databases.byService.get(name)!.nearUrl } : {}),
      ...(broker.urls.has(name) ? { RABBITMQ_URL: broker.urls.get(name)! } : {}),
    });

    await writePlaces(dataDir, {
      origin,
      databases: Object.fromEntries([...databases.byService].map(([name, { appUrl }]) => [name, appUrl])),
      broker: { url: broker.url, ca: config.RABBITMQ_CA, prefix },
      providerUrl: provider.url,
      mailbox: mail.folder,
    });
    const environments = join(dataDir, 'processes');
    await mkdir(environments, { recursive: true, mode: 0o700 });
    const launched: LaunchedService[] = [];
    undo.push(async () => void (await Promise.all(launched.map((service) => service.stop(graceMs)))));
    for (const name of names) {
      const environment = environmentOf(name);
      await writeFile(join(environments, `${name}.json`), JSON.stringify(environment), { mode: 0o600 });
      const service = launchService(name, environment);
      launched.push(service);
      void service.ended.then((how) => {
        if (!service.isStopping())
          process.stdout.write(
            `\n${name} ended (${how}); the others go on. Start it again with: npm run services -- ${name}\n`,
          );
      });
    }
    await writeFile(
      join(environments, 'running.json'),
      JSON.stringify(
        Object.fromEntries(launched.map(({ name, pid }) => [name, { pid, ...ports.get(name) }])),
      ),
    );
    await writeScrapeTargets(dataDir, {
      services: launched.map(({ name }) => ({
        name,
        address: `${config.HOST}:${ports.get(name)!.adminPort}`,
      })),
      broker: broker.metricsAddress,
    });
    await Promise.all(
      launched.map((service) =>
        waitUntilReady(service, `${originOf(config.HOST, ports.get(service.name)!.adminPort)}/readyz`),
      ),
    );
    await seedCustomer(origin, secrets);
    process.stdout.write(welcome({ origin, adminPort: front.adminPort, mailFolder: mail.folder, secrets }));
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A busy port must fail before anything is touched, not when the gateway comes to it. 0 becomes one that is free. */
async function usablePort(port: number, host: string): Promise<number> {
  if (port === 0) return freePort();
  await (await takePort(port, host)).close(0);
  return port;
}
