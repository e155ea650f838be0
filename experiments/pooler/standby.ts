import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { withClient } from '@bulkhead/database/admin-client';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@bulkhead/development/embedded';
import { serverAccount } from '@bulkhead/development/embedded-account';
import { placeOfCluster } from '@bulkhead/development/embedded-place';

const run = promisify(execFile);
const name = 'standby';

export interface StandbyOptions {
  /** Of the primary, as a superuser. */
  readonly adminUrl: string;
  /** The folder in which the primary keeps its cluster. */
  readonly primaryDir: string;
  readonly dataDir: string;
}

/**
 * A hot standby that streams from an embedded PostgreSQL, made by the low-level API of backups: the embedded one has no
 * pg_basebackup. Until it is lost, the primary acknowledges no commit that the standby does not have.
 */
export async function startStandby({
  adminUrl,
  primaryDir,
  dataDir,
}: StandbyOptions): Promise<EmbeddedPostgres> {
  await mkdir(dataDir, { recursive: true });
  const account = await serverAccount();
  const from = join(primaryDir, 'cluster');
  const to = join(await placeOfCluster(resolve(dataDir), account), 'cluster');
  const label = await withClient(adminUrl, async (primary) => {
    await primary.query('select pg_create_physical_replication_slot($1)', [name]);
    await primary.query('select pg_backup_start($1, true)', [name]);
    // -H: the cluster may be a link.
    await run('cp', ['-a', '-H', from, to]);
    const { rows } = await primary.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
    return rows[0]!.labelfile;
  });
  for (const file of ['postmaster.pid', 'postmaster.opts', 'pg_replslot/standby'])
    await rm(join(to, file), { recursive: true, force: true });
  const { hostname, port, username, password } = new URL(adminUrl);
  const write = async (file: string, text: string) => {
    await writeFile(join(to, file), text, { mode: 0o600 });
    if (account) await chown(join(to, file), account.uid, account.gid);
  };
  await write('backup_label', label);
  await write('standby.signal', '');
  await appendFile(
    join(to, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password} application_name=${name}'
primary_slot_name = '${name}'
`,
  );
  await writeFile(join(dataDir, 'password'), await readFile(join(primaryDir, 'password')), { mode: 0o600 });
  const standby = await startEmbeddedPostgres({ dataDir });
  await withClient(adminUrl, async (primary) => {
    await primary.query(`alter system set synchronous_standby_names = '${name}'`);
    await primary.query('select pg_reload_conf()');
  });
  return standby;
}

/** Makes a primary of it, which waits for nobody any more. */
export const promote = ({ adminUrl }: EmbeddedPostgres): Promise<void> =>
  withClient(adminUrl, async (standby) => {
    await standby.query('select pg_promote()');
    await standby.query(`alter system reset synchronous_standby_names`);
    await standby.query('select pg_reload_conf()');
  });
