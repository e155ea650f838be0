import { join } from 'node:path';
import { adminEmail } from '@bulkhead/app/monolith/src/local/environment';
import { freePorts } from '@bulkhead/development/free-ports';
import type { OwnedProcess } from '@bulkhead/development/owned-process';
import { createAdminPort } from './admin-port';
import { bundles } from './databases';
import { launch, waitUntilReady } from './process';
import type { Shop, ShopOptions } from './shop';
import { startBackingServices } from './backing-services';

const stopGraceMs = 25_000;

/**
 * All services in one process. The naive one is the same code with every policy off, and each request holding one of
 * a few places until it is answered: what a pool of threads, or a transaction around each request, makes of a server.
 */
export async function startMonolith(options: ShopOptions & { readonly naive: boolean }): Promise<Shop> {
  const [port, adminPort] = await freePorts(2);
  const origin = `http://127.0.0.1:${port}`;
  const backing = await startBackingServices(options, origin);
  const { dataDir, logDir, secrets, databases } = backing;
  const environment = {
    ...backing.environment,
    ...(options.naive ? { RESILIENCE: 'off', ORDER_BUDGET_MS: '60000', REQUEST_DEADLINE_MS: '60000' } : {}),
    ...(options.naive ? { PAYMENT_PROVIDER_CONCURRENCY: '500' } : {}),
    // What is compared is the shop, without anybody who watches every request.
    OPS: 'off',
    // The same folder, and so the same secrets.
    DATA_DIR: dataDir,
    DATABASE_ADMIN_URL: databases.adminUrlOf('order'),
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
  };
  const script = join(bundles, 'monolith', 'main.js');
  let owned: OwnedProcess;
  let ended = false;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  const restartAfterMs = options.restartAfterMs ?? 1_000;
  const begin = () => {
    ended = false;
    owned = launch(script, ['monolith'], environment, join(logDir, 'monolith.log'));
    void owned.ended.then(() => {
      ended = true;
      if (!stopping && restartAfterMs > 0) timer = setTimeout(begin, restartAfterMs);
    });
  };
  const ready = () => waitUntilReady('the monolith', owned, adminPort!);
  const admin = createAdminPort(() => adminPort!, secrets.adminToken);
  const unable = (what: string) => async () => {
    throw new Error(`a monolith has no ${what}`);
  };
  const stop = async () => {
    stopping = true;
    clearTimeout(timer);
    await owned.stop(stopGraceMs);
    await backing.stop();
  };
  begin();
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kind: options.naive ? 'naive-monolith' : 'monolith',
    origin,
    dataDir,
    admin: { email: adminEmail, password: secrets.adminPassword },
    databases: databases.byService,
    brokerUrl: undefined,
    mailbox: backing.mailbox,
    provider: backing.provider,
    placeOf: () => ({ pid: ended ? undefined : owned.child.pid, port: port!, adminPort: adminPort! }),
    setFaults: (_name, faults) => admin.setFaults(faults),
    metrics: () => admin.metrics(),
    signal: (_name, signal) => void owned.child.kill(signal),
    async start() {
      clearTimeout(timer);
      if (ended) begin();
      await ready();
    },
    async stopService() {
      throw new Error('a service of a monolith cannot be stopped alone');
    },
    replace: unable('process to put beside it'),
    link: unable('network inside'),
    killDatabase: (name) => databases.kill(name),
    stopDatabase: (name) => databases.stopOf(name),
    startDatabase: (name) => databases.startOf(name),
    killBroker: unable('broker'),
    startBroker: unable('broker'),
    stopMail: () => backing.stopMail(),
    startMail: () => backing.startMail(),
    stop,
  };
}
