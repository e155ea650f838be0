import { join } from 'node:path';
import { definitions } from '@bulkhead/app/monolith/src/definitions';
import { startLocalDatabases } from '@bulkhead/app/monolith/src/local/databases';
import type { LocalSecrets } from '@bulkhead/app/monolith/src/local/secrets';
import type { ServiceName } from '@bulkhead/contracts/services';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@bulkhead/development/embedded';
import type { DatabaseUrls, ShopOptions } from './shop';

/** Beside this bundle, in `dist/apps/monolith`. */
export const bundles = join(__dirname, '..', 'apps');
const migrationsDir = join(bundles, 'monolith', 'migrations');

/** Databases of all services, migrated: on one server, or on one each so that each may be away alone. */
export async function startDatabases(
  dataDir: string,
  secrets: LocalSecrets,
  { separateDatabases = false, databaseFront = async (adminUrl) => adminUrl }: ShopOptions,
) {
  const withDatabase = definitions.filter(({ database }) => database);
  const groups = separateDatabases ? withDatabase.map((definition) => [definition]) : [withDatabase];
  const servers: EmbeddedPostgres[] = [];
  const serverOf = new Map<ServiceName, number>();
  const folderOf = (index: number) => join(dataDir, `postgres-${index}`);
  const byService = new Map<ServiceName, DatabaseUrls>();
  for (const [index, group] of groups.entries()) {
    const server = await startEmbeddedPostgres({ dataDir: folderOf(index) });
    servers.push(server);
    const made = await startLocalDatabases({
      definitions: group,
      dataDir,
      secrets,
      adminUrl: await databaseFront(server.adminUrl),
      migrationsDir,
    });
    for (const [name, urls] of made.byService) {
      byService.set(name, urls);
      serverOf.set(name, index);
    }
  }
  const indexOf = (service: ServiceName) => {
    const index = serverOf.get(service);
    if (index === undefined) throw new Error(`${service} has no database`);
    return index;
  };
  return {
    byService: byService as ReadonlyMap<ServiceName, DatabaseUrls>,
    adminUrlOf: (service: ServiceName) => servers[indexOf(service)]!.adminUrl,
    stopOf: (service: ServiceName) => servers[indexOf(service)]!.stop(),
    /** SIGKILL to the server, as a machine's end would be. */
    kill: (service: ServiceName) => process.kill(servers[indexOf(service)]!.pid, 'SIGKILL'),
    async startOf(service: ServiceName) {
      const index = indexOf(service);
      const { port } = servers[index]!;
      servers[index] = await startEmbeddedPostgres({ dataDir: folderOf(index), port });
    },
    async stop() {
      for (const server of servers) await server.stop();
    },
  };
}
