import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDirectory } from '@bulkhead/database/directory-claim';

export interface DataFolder {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Takes the folder of everything that is kept, for one shop at a time.
 * @param fresh begin anew: what was kept is removed, once nobody else uses it
 * @throws DataDirectoryInUse
 */
export async function openDataFolder(path: string, fresh: boolean): Promise<DataFolder> {
  await mkdir(path, { recursive: true });
  const claim = await claimDirectory(path);
  if (fresh)
    for (const name of await readdir(path))
      if (name !== 'lock') await rm(join(path, name), { recursive: true, force: true });
  return { path, release: () => claim.release() };
}
