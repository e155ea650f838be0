import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { DataDirectoryOfAnotherVersion, startEmbeddedPostgres } from '@bulkhead/database/embedded';
import { migrate, unknownMigrations } from '@bulkhead/database/migrate';
import { type ProvisionedDatabase, provisionDatabase, withClient } from '@bulkhead/database/provision';
import { ConfigError } from '@bulkhead/service/config';
import type { ServiceDefinition } from '@bulkhead/service/service';
import type { LocalSecrets } from './secrets';

export interface LocalDatabases {
  readonly byService: ReadonlyMap<ServiceName, ProvisionedDatabase>;
  stop(): Promise<void>;
}

export interface LocalDatabasesOptions {
  readonly definitions: readonly ServiceDefinition[];
  readonly dataDir: string;
  readonly secrets: LocalSecrets;
  /** Superuser URL of a PostgreSQL to use; without one an embedded server is started in the data folder. */
  readonly adminUrl: string | undefined;
  /** Folder with one folder of migrations a service. */
  readonly migrationsDir: string;
}

/** One database and two roles a service, migrated, on one server. */
export async function startLocalDatabases(options: LocalDatabasesOptions): Promise<LocalDatabases> {
  const { definitions, dataDir, secrets, migrationsDir } = options;
  const server = options.adminUrl
    ? { adminUrl: await answering(options.adminUrl), stop: async () => undefined }
    : await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  try {
    const byService = new Map<ServiceName, ProvisionedDatabase>();
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
      const itsMigrations = { url: provisioned.ownerUrl, migrationsDir: join(migrationsDir, name) };
      const unknown = await unknownMigrations(itsMigrations);
      if (unknown.length > 0)
        throw new DataDirectoryOfAnotherVersion(
          `The database of ${name} was changed by a later version of the shop (${unknown.join(', ')})`,
        );
      await migrate(itsMigrations);
      byService.set(name, provisioned);
    }
    return { byService, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** @throws ConfigError where no PostgreSQL answers, or none that lets us in */
async function answering(adminUrl: string): Promise<string> {
  await withClient(adminUrl, (client) => client.query('select 1')).catch((cause: NodeJS.ErrnoException) => {
    const { host } = new URL(adminUrl);
    throw new ConfigError(
      `DATABASE_ADMIN_URL: PostgreSQL at ${host} cannot be used: ${cause.message || cause.code}.`,
      {
        cause,
      },
    );
  });
  return adminUrl;
}
