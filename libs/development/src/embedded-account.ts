import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-error';

/** The account that runs the server instead of root, which PostgreSQL refuses. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);
/** By convention, if neither account has an entry. */
const nobody: ServerAccount = { name: 'nobody', uid: 65534, gid: 65534 };

/**
 * The owner of the cluster, or for a new one the account of a system PostgreSQL, otherwise nobody's. Undefined unless
 * this process is root: other users' servers run as themselves.
 * @param cluster folder of the cluster, if there is one
 */
export const serverAccount = async (cluster?: string): Promise<ServerAccount | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const owner = cluster === undefined ? undefined : await stat(cluster).catch(() => undefined);
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([idOf('-u', name), idOf('-g', name)]).catch(() => undefined);
    if (ids) return { name, uid: ids[0], gid: ids[1] };
  }
  return nobody;
};

const idOf = async (flag: '-u' | '-g', name: string) => Number((await run('id', [flag, name])).stdout);

/**
 * Whether the account may enter a folder, or run a program. Tested as that account, because only the system knows every
 * parent, access lists and `noexec`.
 * @throws EmbeddedPostgresError when this process may not change accounts
 */
export const mayEnter = async ({ name, uid, gid }: ServerAccount, target: string): Promise<boolean> => {
  try {
    await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', target], { uid, gid, cwd: '/' });
    return true;
  } catch (error) {
    const { code } = error as { code?: number | string };
    if (typeof code === 'number') return false;
    throw new EmbeddedPostgresError(
      `PostgreSQL refuses to run as root, and this root may not run it as ${name} (${code}); start as an ordinary user`,
      { cause: error },
    );
  }
};
