/** A throw-away PostgreSQL of programs that the machine has, such as another version than the embedded one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type * as Account from '@bulkhead/development/embedded-account';
import type * as Place from '@bulkhead/development/embedded-place';
import { load } from '../build/load.ts';
import { freePort, type Processes, until } from './processes.ts';

/**
 * Starts one among `processes`, in `server` of the folder; remove that with `removeDataDirectory` (embedded-place.ts).
 * @param bin folder of `initdb`, `postgres` and `psql`
 * @returns its address as a superuser, and what runs one of its tools on it and returns what it says
 */
export const startOwnPostgres = async (processes: Processes, bin: string, folder: string) => {
  const { serverAccount } = await load<typeof Account>('libs/development/src/embedded-account.ts');
  const { placeOfCluster } = await load<typeof Place>('libs/development/src/embedded-place.ts');
  const owner = await serverAccount();
  const dataDir = path.join(folder, 'server');
  mkdirSync(dataDir);
  // Outside where the folder of temporary files is closed to it.
  const cluster = path.join(await placeOfCluster(dataDir, owner), 'cluster');
  mkdirSync(cluster, { mode: 0o700 });
  if (owner) chownSync(cluster, owner.uid, owner.gid);
  const ids = owner ? { uid: owner.uid, gid: owner.gid } : {};
  const options = { ...ids, cwd: '/', stdio: 'ignore' } as const;
  const words = [
    '-D',
    cluster,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  execFileSync(path.join(bin, 'initdb'), words, options);
  const port = String(await freePort());
  const settings = ['-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'max_connections=200'];
  const server = processes.start(
    path.join(bin, 'postgres'),
    ['-D', cluster, '-p', port, '-h', '127.0.0.1', ...settings],
    process.env,
    ids,
  );
  const tool = (name: string, ...given: string[]): string => {
    const at = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres', ...given];
    const { status, stdout, stderr } = spawnSync(path.join(bin, name), at, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name} ${given.join(' ')}: ${stderr}`);
    return stdout;
  };
  await until('PostgreSQL answers', async () => tool('psql', '-c', 'select 1') !== '').catch(
    (error: Error) => {
      throw new Error(`${error.message}: ${server.output}`);
    },
  );
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, tool };
};
