import { join, resolve } from 'node:path';
import { createAdminApp } from '@bulkhead/service/admin/admin-app';
import { createFaultsRoutes } from '@bulkhead/service/admin/faults-routes';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { exposeTogether } from '@bulkhead/telemetry/expose-together';
import { assembleShop } from './assemble-shop';
import { LocalConfig } from './config';
import { definitions } from './definitions';
import { openDataFolder } from './local/data-folder';
import { startLocalDatabases } from './local/databases';
import { originOf, takePort } from './local/door';
import { serviceEnvironment } from './local/environment';
import { startMailCatcher } from './local/mail-catcher';
import { writePlaces } from './local/places';
import { loadLocalSecrets } from './local/secrets';
import { startLocalProvider } from './local/provider';
import { onePlaceARequest } from './local/one-place-a-request';
import { seedCustomer } from './local/seed-customer';
import { stopOnSignal } from './local/stop-on-signal';
import { welcome } from './local/welcome';
import { createOps } from './ops/create-ops';

const graceMs = 10_000;
/** Places of the naive monolith: as a pool of threads or connections is usually dimensioned. */
const naivePlaces = 20;

/** `npm start`: the whole shop in one process, with a database, a payment provider and a mailbox of its own. */
export async function runMonolith(options: { readonly fresh: boolean }): Promise<void> {
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
    // Both ports are taken first: what cannot listen must fail before it touches anything.
    const front = await takePort(config.PORT, config.HOST);
    undo.push(() => front.close(graceMs));
    const admin = await takePort(config.ADMIN_PORT, config.HOST);
    undo.push(() => admin.close(0));
    const origin = originOf(config.HOST, front.port);

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
    const provider = await startLocalProvider({ dataDir, origin, secrets });
    undo.push(() => provider.stop());

    await writePlaces(dataDir, {
      origin,
      databases: Object.fromEntries([...databases.byService].map(([name, { appUrl }]) => [name, appUrl])),
      providerUrl: provider.url,
      mailbox: mail.folder,
    });
    const environment = serviceEnvironment({ origin, smtpUrl: mail.url, providerUrl: provider.url, secrets });
    const ops = createOps({ mode: config.NODE_ENV, enabled: config.OPS, pageFolder: join(__dirname, 'ops') });
    const shop = await assembleShop({
      definitions,
      config,
      databaseUrls: new Map([...databases.byService].map(([name, { nearUrl }]) => [name, nearUrl])),
      environment: { ...environment, ...process.env },
      traces: ops?.traces,
    });
    undo.push(() => shop.stop(graceMs, front.close(graceMs)));
    shop.start();
    const publicListener = config.RESILIENCE
      ? shop.gateway.app
      : onePlaceARequest(shop.gateway.app, naivePlaces);
    front.open(
      ops?.before(
        publicListener,
        definitions.map(({ name }, index) => ({ name, metrics: shop.telemetry[index]!.metrics })),
      ) ?? publicListener,
    );
    undo.push(async () => ops?.stop());

    admin.open(
      createAdminApp({
        started: () => front.isOpen,
        unready: () => [],
        metrics: {
          expose: (format) =>
            exposeTogether(
              shop.telemetry.map(({ metrics }) => metrics),
              format,
            ),
        },
        routes: [
          createFaultsRoutes({ faults: shop.faults, adminToken: config.ADMIN_TOKEN ?? secrets.adminToken }),
        ],
      }),
    );
    await seedCustomer(origin, secrets);
    process.stdout.write(
      welcome({ origin, adminPort: admin.port, mailFolder: mail.folder, secrets, ops: ops !== undefined }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
}
