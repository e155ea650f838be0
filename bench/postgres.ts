import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '@bulkhead/development/embedded';
import { removeDataDirectory } from '@bulkhead/development/embedded-place';
import { migrate } from '@bulkhead/database/migrate';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { provisionDatabase } from '@bulkhead/database/provision';

export interface BenchPostgres {
  /** A migrated database of a service's own, through the pool that the service has. */
  open(service: string): Promise<PooledDatabase>;
  /** The same for who opens it itself: its URL, as the application role. */
  place(service: string): Promise<{ readonly url: string }>;
  stop(): Promise<void>;
}

/** Only the bench connects, on loopback, and the server goes with it. */
const password = 'bench';

/** A PostgreSQL of its own that writes as durably as in production: what a commit costs is what is measured. */
export async function startPostgres(): Promise<BenchPostgres> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({ dataDir });
  const opened: PooledDatabase[] = [];
  const place = async (service: string) => {
    const { ownerUrl, appUrl } = await provisionDatabase({
      adminUrl: server.adminUrl,
      service,
      ownerPassword: password,
      appPassword: password,
      extensions: [],
    });
    await migrate({ url: ownerUrl, migrationsDir: path.resolve('apps', service, 'prisma/migrations') });
    return { url: appUrl };
  };
  return {
    place,
    async open(service) {
      const { url } = await place(service);
      const database = createDatabase({ url, applicationName: service, poolSize: 10 });
      opened.push(database);
      return database;
    },
    async stop() {
      await Promise.all(opened.map((database) => database.close()));
      await server.stop();
      await removeDataDirectory(dataDir);
    },
  };
}
