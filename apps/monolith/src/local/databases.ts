import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import {
  DataDirectoryOfAnotherVersion,
  startEmbeddedPostgres,
  throughSocket,
} from '@bulkhead/development/embedded';
import { migrate } from '@bulkhead/database/migrate';
import { withClient } from '@bulkhead/database/admin-client';
import { type ProvisionedDatabase, provisionDatabase } from '@bulkhead/database/provision';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { requireResponse } from './require-response';
import { postgresFolder } from './data-folder';
import type { LocalSecrets } from './secrets';

export interface LocalDatabase extends ProvisionedDatabase {
  /** `appUrl` through the server's Unix socket, if it has one: for the services themselves. */
  readonly nearUrl: string;
}

export interface LocalDatabases {
  readonly byService: ReadonlyMap<ServiceName, LocalDatabase>;
  stop(): Promise<void>;
}

export interface LocalDatabasesOptions {
  readonly definitions: readonly ServiceDefinition[];
  readonly dataDir: string;
  readonly secrets: LocalSecrets;
  /** Superuser URL of an existing PostgreSQL; without it an embedded server is started in the data folder. */
  readonly adminUrl: string | undefined;
  /** Folder with one subfolder of migrations per service. */
  readonly migrationsDir: string;
}

/** One migrated database and two roles per service, on one server. */
export async function startLocalDatabases(options: LocalDatabasesOptions): Promise<LocalDatabases> {
  const { definitions, dataDir, secrets, migrationsDir } = options;
  const server = options.adminUrl
    ? {
        adminUrl: await requireResponse('DATABASE_ADMIN_URL', 'PostgreSQL', options.adminUrl, selectOnce),
        socketDir: undefined,
        stop: async () => undefined,
      }
    : await startEmbeddedPostgres({ dataDir: postgresFolder(dataDir) });
  try {
    const byService = new Map<ServiceName, LocalDatabase>();
    for (const { name, database, extensions } of definitions) {
      if (!database) continue;
      const roles = secrets.databaseRoles[name];
      if (!roles) throw new Error(`secrets.json holds no database roles for ${name}`);
      const provisioned = await provisionDatabase({
        adminUrl: server.adminUrl,
        service: name,
        ownerPassword: roles.owner,
        appPassword: roles.app,
        ...(extensions ? { extensions } : {}),
      });
      await migrate({
        url: provisioned.ownerUrl,
        migrationsDir: join(migrationsDir, name),
        onUnknown(unknown) {
          throw new DataDirectoryOfAnotherVersion(
            `The database of ${name} was changed by a later version of the shop (${unknown.join(', ')})`,
          );
        },
      });
      byService.set(name, { ...provisioned, nearUrl: throughSocket(provisioned.appUrl, server.socketDir) });
    }
    return { byService, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const selectOnce = (url: string) => withClient(url, (client) => client.query('select 1'));
