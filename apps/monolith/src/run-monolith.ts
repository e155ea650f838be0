import { join } from 'node:path';
import { createAdminApp } from '@bulkhead/service/admin/admin-app';
import { createFaultsRoutes } from '@bulkhead/service/admin/faults-routes';
import { exposeTogether } from '@bulkhead/telemetry/expose-together';
import { assembleShop } from './assemble-shop';
import { definitions } from './definitions';
import { startLocalDatabases } from './local/databases';
import { originOf, takePort } from './local/door';
import { serviceEnvironment } from './local/environment';
import { startLocalShop } from './local/local-shop';
import { prepareSplitOff } from './local/split-off';
import { startMailCatcher } from './local/mail-catcher';
import { writePlaces } from './local/places';
import { loadLocalSecrets } from './local/secrets';
import { startLocalProvider } from './local/provider';
import { onePlaceARequest } from './local/one-place-a-request';
import { seedCustomer } from './local/seed-customer';
import { welcome } from './local/welcome';
import { createOps } from './ops/create-ops';

const graceMs = 10_000;
/** Slots of the naive monolith: a typical size of a thread or connection pool. */
const naivePlaces = 20;

/** `npm start`: the whole shop in one process, with its own database, payment provider and mailbox. */
export async function runMonolith(options: {
  readonly fresh: boolean;
  /** Prints one line instead of the full welcome message, which was already shown. */
  readonly again?: boolean;
}): Promise<void> {
  await startLocalShop({ fresh: options.fresh, graceMs }, async ({ config, dataDir, undo }) => {
    // Both ports are bound first: a busy port must fail before anything is touched.
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

    const environmentOptions = { origin, smtpUrl: mail.url, providerUrl: provider.url, secrets };
    const environment = serviceEnvironment(environmentOptions);
    const split =
      config.SPLIT_OFF &&
      (await prepareSplitOff(config.SPLIT_OFF, {
        ...environmentOptions,
        config,
        logLevel: config.LOG_LEVEL,
        definitions,
        dataDir,
        databases,
        front: { port: front.port, adminPort: admin.port },
        undo,
      }));
    const here = definitions.filter(({ name }) => !config.SPLIT_OFF?.includes(name));
    const ops = createOps({ mode: config.NODE_ENV, enabled: config.OPS, pageFolder: join(__dirname, 'ops') });
    const shop = await assembleShop({
      definitions: here,
      remote: split?.remote,
      config,
      databaseUrls: new Map([...databases.byService].map(([name, { nearUrl }]) => [name, nearUrl])),
      environment: {
        ...environment,
        ...(ops ? { TRACE_URL: `${origin}/ops?trace={traceId}` } : {}),
        ...process.env,
      },
      traces: ops?.traces,
    });
    undo.push(() => shop.stop(graceMs, front.close(graceMs)));
    await shop.start();
    await split?.launch(shop.services);
    const place = { pid: process.pid, admin: originOf(config.HOST, admin.port) };
    await writePlaces(dataDir, {
      origin,
      processes: {
        ...Object.fromEntries(here.map(({ name }) => [name, place])),
        ...split?.fleet.processes(),
      },
      databases: Object.fromEntries([...databases.byService].map(([name, { appUrl }]) => [name, appUrl])),
      ...(split && {
        broker: { url: split.broker.url, ca: config.RABBITMQ_CA, prefix: split.broker.prefix },
      }),
      providerUrl: provider.url,
      mailbox: mail.folder,
    });
    const publicListener = config.RESILIENCE
      ? shop.gateway.app
      : onePlaceARequest(shop.gateway.app, naivePlaces);
    front.open(
      ops?.before(
        publicListener,
        here.map(({ name }, index) => ({ name, metrics: shop.telemetry[index]!.metrics })),
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
    await split?.fleet.untilReady();
    await seedCustomer(origin, secrets);
    process.stdout.write(
      options.again
        ? `Bulkhead is up again at ${origin}\n`
        : welcome({
            origin,
            adminPort: admin.port,
            mailFolder: mail.folder,
            secrets,
            ops: ops !== undefined,
          }),
    );
  });
}
