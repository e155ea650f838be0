import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The build before each step and its outcome became one statement, and before the queue. */
export const baselineCommit = '91f2f47';

const run = promisify(execFile);

/** A checkout whose shop is built. */
export interface BuiltCheckout {
  readonly root: string;
  remove(): Promise<void>;
}

/**
 * Checks a commit out beside this one and builds its shop there, with the packages of this checkout. `BENCH_BASELINE`
 * names a checkout that is built already, which stays.
 * @throws Error where git does not have the commit (a shallow clone), or it cannot be built
 */
export async function buildBaseline(): Promise<BuiltCheckout> {
  const given = process.env['BENCH_BASELINE'];
  if (given) return { root: path.resolve(given), remove: async () => undefined };
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-baseline-'));
  const root = path.join(folder, 'checkout');
  const remove = async () => {
    await run('git', ['worktree', 'remove', '--force', root]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run('git', ['worktree', 'add', '--detach', root, baselineCommit]);
    await symlink(path.resolve('node_modules'), path.join(root, 'node_modules'));
    await run('nx', ['run-many', '-t', 'build', '--projects=*'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return { root, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
