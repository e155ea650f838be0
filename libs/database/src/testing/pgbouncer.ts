import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withClient } from '../admin-client';
import { serverAccount } from '@bulkhead/development/embedded-account';
import { freePort } from '@bulkhead/development/free-ports';
import { spawnOwned } from '@bulkhead/development/owned-process';
import { eventually } from '@bulkhead/testing/eventually';

export interface PgBouncerOptions {
  /** Address of PgBouncer. */
  readonly program: string;
  /** The server behind it, as a superuser; roles and databases made later can be used at once. */
  readonly adminUrl: string;
  /** Of [pgbouncer], beside what is needed to run here. */
  readonly settings: Readonly<Record<string, string | number>>;
}

export interface PgBouncer {
  /** The same URL, through PgBouncer. */
  through(url: string): string;
  /** Kills it with SIGKILL, and restarts it at the same address. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** A PgBouncer of our own on loopback, in transaction mode. It ends with this process, however that ends. */
export async function startPgBouncer({ program, adminUrl, settings }: PgBouncerOptions): Promise<PgBouncer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-pgbouncer-'));
  const port = await freePort();
  const server = new URL(adminUrl);
  // It refuses to run as root, and reads its files again after changing its account.
  const account = await serverAccount();
  const write = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    if (account) await chown(file, account.uid, account.gid);
    return file;
  };
  const [user, password] = [server.username, server.password].map(decodeURIComponent);
  const users = await write('users', `"${user}" "${password}"\n`);
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    auth_user: user,
    auth_query: 'select usename, passwd from pg_shadow where usename = $1',
    pool_mode: 'transaction',
    ...(account ? { user: account.name } : {}),
    ...settings,
  };
  const configuration = await write(
    'ini',
    [
      '[databases]',
      `* = host=${server.hostname} port=${server.port}`,
      '[pgbouncer]',
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
      '',
    ].join('\n'),
  );
  await chmod(folder, 0o711);
  const through = (url: string) => Object.assign(new URL(url), { port: String(port) }).href;
  const start = async () => {
    const started = spawnOwned(program, [configuration], { stdio: 'ignore', removeOnDeath: [folder] });
    await eventually(() => withClient(through(adminUrl), (client) => client.query('select 1')), {
      timeoutMs: 10_000,
      what: 'PgBouncer',
    }).catch(async (error: unknown) => {
      await started.stop();
      throw error;
    });
    return started;
  };
  let running = await start();
  return {
    through,
    async crash() {
      running.child.kill('SIGKILL');
      await running.ended;
      running = await start();
    },
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
