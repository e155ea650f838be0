import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { mayEnter, type ServerAccount } from './embedded-account';
import { EmbeddedPostgresError } from './embedded-error';

/** Location for root's servers of files that their account cannot reach elsewhere, as in a clone in /root. */
export const outside = '/var/lib/bulkhead';

/** In an external folder: the path that it stands for. */
const ownerFile = 'stands-for';

const run = promisify(execFile);
const ownerOf = async (folder: string): Promise<string | undefined> =>
  (await readFile(path.join(folder, ownerFile), 'utf8').catch(() => undefined))?.trimEnd();
const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/**
 * The folder that contains `cluster`: the data folder, or an external one if the server's account may not enter that.
 * `cluster` in the data folder is then a link, by which the next start finds it again even after the data folder was
 * moved. A cluster in a folder that has become inaccessible is moved to an external one.
 * @param dataDir an absolute path, claimed by the caller
 * @throws EmbeddedPostgresError when there can be none, or the cluster belongs to another data folder
 */
export const placeOfCluster = async (dataDir: string, account?: ServerAccount): Promise<string> => {
  const linked = await linkedPlace(dataDir);
  if (linked === undefined && (account === undefined || (await mayEnter(account, dataDir)))) return dataDir;
  const place = linked ?? outsideFolder('data', dataDir);
  const owner = await ownerOf(place);
  if (owner !== undefined && owner !== dataDir && (await linkedPlace(owner)) === place)
    throw new EmbeddedPostgresError(
      `${dataDir} is a copy of ${owner}: its data are in ${place}, which belongs to that; remove the copy to begin anew`,
    );
  if (account !== undefined) await makeOutside(place, dataDir, account);
  if (linked === undefined) {
    await moveCluster(dataDir, place);
    await symlink(path.join(place, 'cluster'), path.join(dataDir, 'cluster'));
  }
  return place;
};

/** Removes a data folder, including its external part. No server may be running on it. */
export const removeDataDirectory = async (dataDir: string): Promise<void> => {
  const place = await linkedPlace(dataDir);
  if (place !== undefined) await rm(place, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
};

/**
 * A folder that the account can read: `folder`, or an external copy of it that is made once per version. `program` in
 * it is used to test the access.
 * @throws EmbeddedPostgresError when no copy can be made
 */
export const reachableCopy = async (
  folder: string,
  program: string,
  version: string,
  account?: ServerAccount,
): Promise<string> => {
  if (account === undefined || (await mayEnter(account, path.join(folder, program)))) return folder;
  const place = outsideFolder('programs', folder);
  await makeOutside(place, folder, account);
  const copy = path.join(place, version);
  if (!(await exists(copy))) {
    // Two starts of one process may get here at the same time, too.
    const unfinished = path.join(place, `unfinished-${randomUUID()}`);
    await run('cp', ['-R', folder, unfinished]);
    await run('chmod', ['-R', 'a+rX', unfinished]);
    for (const name of await readdir(place))
      if (name !== ownerFile && name !== version && !name.startsWith('unfinished-'))
        await rm(path.join(place, name), { recursive: true, force: true });
    // Of several concurrent copies, any one will do.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  }
  return copy;
};

/** Removes external parts of deleted temporary folders: those of tests and experiments that were killed. */
export const removeAbandoned = async (): Promise<void> => {
  for (const name of await readdir(outside).catch(() => [])) {
    const folder = path.join(outside, name);
    const owner = await ownerOf(folder);
    if (owner?.startsWith(path.join(tmpdir(), '/')) && !(await exists(owner)))
      await rm(folder, { recursive: true, force: true });
  }
};

const linkedPlace = async (dataDir: string): Promise<string | undefined> => {
  const target = await readlink(path.join(dataDir, 'cluster')).catch(() => undefined);
  return target === undefined ? undefined : path.dirname(target);
};

const outsideFolder = (kind: 'data' | 'programs', standsFor: string) =>
  path.join(outside, `${kind}-${createHash('sha256').update(standsFor).digest('hex').slice(0, 16)}`);

/** Everyone may enter, and only root may write. */
const makeOutside = async (folder: string, standsFor: string, account: ServerAccount): Promise<void> => {
  const refuse = (why: string, cause?: unknown) =>
    new EmbeddedPostgresError(
      `PostgreSQL runs as ${account.name} instead of root, who may not enter ${standsFor}, and ${why}; ` +
        `move the clone (or DATA_DIR) to where others may enter, or start as an ordinary user`,
      { cause },
    );
  try {
    for (const each of [outside, folder]) {
      await mkdir(each, { recursive: true });
      await chmod(each, 0o755);
    }
    await writeFile(path.join(folder, ownerFile), `${standsFor}\n`);
    await removeAbandoned();
  } catch (error) {
    throw refuse(`${folder} cannot be made: ${(error as Error).message}`, error);
  }
  if (!(await mayEnter(account, folder))) throw refuse(`${folder} neither`);
};

/** From when its folder was accessible. If interrupted, it is repeated, or only the link is missing. */
const moveCluster = async (dataDir: string, place: string): Promise<void> => {
  const before = path.join(dataDir, 'cluster');
  const left = path.join(dataDir, 'cluster.left');
  await rm(left, { recursive: true, force: true });
  if (!(await exists(before))) return;
  const unfinished = path.join(place, 'cluster.new');
  const after = path.join(place, 'cluster');
  for (const folder of [unfinished, after]) await rm(folder, { recursive: true, force: true });
  await run('cp', ['-a', before, unfinished]);
  await rename(unfinished, after);
  await rename(before, left);
  await rm(left, { recursive: true });
};
