import { resolve } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@bulkhead/development/embedded';
import { openDataFolder, postgresFolder } from './data-folder';

/**
 * The embedded PostgreSQL of a data folder, for a shop that is started again and again over it and gets its address as
 * DATABASE_ADMIN_URL.
 * @param fresh begin anew: what was kept is removed
 * @throws DataDirectoryInUse where a shop runs in the folder
 */
export async function startLastingPostgres(dataDir: string, fresh: boolean): Promise<EmbeddedPostgres> {
  const folder = await openDataFolder(resolve(dataDir), fresh);
  await folder.release();
  return startEmbeddedPostgres({ dataDir: postgresFolder(folder.path) });
}
