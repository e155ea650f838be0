import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDirectory } from '@bulkhead/development/directory-claim';
import { removeDataDirectory } from '@bulkhead/development/embedded-place';

export interface DataFolder {
  readonly path: string;
  release(): Promise<void>;
}

/** The data folder of the embedded PostgreSQL. */
export const postgresFolder = (dataDir: string): string => join(dataDir, 'postgres');

/**
 * Locks the data folder for one shop at a time.
 * @param fresh start from scratch: existing data is deleted once nobody else uses the folder
 * @throws DataDirectoryInUse
 */
export async function openDataFolder(path: string, fresh: boolean): Promise<DataFolder> {
  await mkdir(path, { recursive: true });
  const claim = await claimDirectory(path);
  if (fresh) {
    await removeDataDirectory(postgresFolder(path));
    for (const name of await readdir(path))
      if (name !== 'lock') await rm(join(path, name), { recursive: true, force: true });
  }
  return { path, release: () => claim.release() };
}
