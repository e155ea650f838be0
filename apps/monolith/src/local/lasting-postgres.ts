import { resolve } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@bulkhead/development/embedded';
import { openDataFolder, postgresFolder } from './data-folder';

/**
 * The embedded PostgreSQL of a data folder, for a shop that is restarted repeatedly and gets its address as
 * DATABASE_ADMIN_URL.
 * @param fresh start from scratch: existing data is deleted
 * @throws DataDirectoryInUse if a shop runs in the folder
 */
export async function startLastingPostgres(dataDir: string, fresh: boolean): Promise<EmbeddedPostgres> {
  const folder = await openDataFolder(resolve(dataDir), fresh);
  await folder.release();
  return startEmbeddedPostgres({ dataDir: postgresFolder(folder.path) });
}
