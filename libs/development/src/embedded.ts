import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DataDirectoryInUse, claimDirectory, isRunning } from './directory-claim';
import { type ServerAccount, serverAccount } from './embedded-account';
import { type PostgresPrograms, programsFor } from './embedded-binaries';
import { EmbeddedPostgresError } from './embedded-error';
import { placeOfCluster, removeDataDirectory } from './embedded-place';
import { freePort } from './free-ports';
import { type OwnedProcess, spawnOwned } from './owned-process';

export interface EmbeddedPostgresOptions {
  /**
   * Contains the cluster, its password and a lock; created if missing. If the account of root's servers may not enter
   * it, the cluster is in /var/lib/bulkhead and this folder contains a link to it: remove it with
   * `removeDataDirectory`.
   */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Trades durability for speed and removes the folder at the end, for tests. */
  readonly ephemeral?: boolean;
  /** Default 200. */
  readonly maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** postgres://postgres:…@127.0.0.1:port/postgres, a superuser. */
  readonly adminUrl: string;
  readonly port: number;
  /** The folder of its socket file; undefined if the path would be too long for one. TCP works in any case. */
  readonly socketDir: string | undefined;
  /** Process id of the server. */
  readonly pid: number;
  /** Resolves when the server has ended for any reason. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** The data was created by a version that this one does not support. */
export class DataDirectoryOfAnotherVersion extends Error {
  override readonly name = 'DataDirectoryOfAnotherVersion';
}

const startTimeoutMs = 60_000;
const run = promisify(execFile);

/**
 * Starts PostgreSQL from the npm package on loopback. It ends with this process, however that ends. Recovers after a
 * kill: an orphaned server is stopped, a stale pid file removed, an unfinished initdb repeated.
 * @throws DataDirectoryInUse when another process holds the folder, DataDirectoryOfAnotherVersion when another major
 *   version of PostgreSQL created it; EmbeddedPostgresError with the end of the server's output otherwise
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const dataDir = path.resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  // The server's account has to pass through to its own folder inside; secrets beside it have their own permissions.
  await chmod(dataDir, 0o711);
  const claim = await claimDirectory(dataDir);
  const release = () => (options.ephemeral ? removeDataDirectory(dataDir) : claim.release());
  try {
    const before = await realpath(path.join(dataDir, 'cluster')).catch(() => undefined);
    if (before !== undefined) await stopOrphan(before);
    const account = await serverAccount(before);
    const programs = await programsFor(account);
    const place = await placeOfCluster(dataDir, account);
    const cluster = path.join(place, 'cluster');
    await stopOrphan(cluster);
    const password = await ensureCluster({ dataDir, place, programs, account });
    const socketDir = await makeSocketDir(place, account);
    const { server, port } = await startOnPort({ dataDir, cluster, socketDir, programs, account }, options);
    return {
      adminUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      port,
      socketDir,
      pid: server.child.pid ?? 0,
      ended: server.ended,
      async stop() {
        await server.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
};

interface ServerPlace {
  readonly cluster: string;
  readonly socketDir: string | undefined;
}

interface Server {
  readonly dataDir: string;
  readonly programs: PostgresPrograms;
  readonly account: ServerAccount | undefined;
}

/** Maximum length of a socket's path, the smallest of all systems (macOS); Linux allows 107. */
const longestSocketPath = 103;

/** A URL of a server on this machine through its socket file, without TCP's overhead on loopback. */
export function throughSocket(url: string, socketDir: string | undefined): string {
  if (socketDir === undefined) return url;
  const near = new URL(url);
  // As in libpq and pg: the parameter overrides the host, and the port selects the file.
  near.searchParams.set('host', socketDir);
  return near.href;
}

/** @returns undefined if the server cannot use it, or the socket's path would be too long */
const makeSocketDir = async (place: string, account?: ServerAccount): Promise<string | undefined> => {
  const socketDir = path.join(place, 'socket');
  const isNameable = process.platform !== 'win32' && /^[\w./-]+$/.test(socketDir);
  if (!isNameable || path.join(socketDir, '.s.PGSQL.65535').length > longestSocketPath) return undefined;
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  if (account) await chown(socketDir, account.uid, account.gid);
  return socketDir;
};

const idsOf = (account?: ServerAccount) => (account ? { uid: account.uid, gid: account.gid } : {});

/** The cluster gets its name only when initdb is complete, so that an interrupted one is simply repeated. */
const ensureCluster = async ({
  dataDir,
  place,
  programs,
  account,
}: Server & { readonly place: string }): Promise<string> => {
  const passwordFile = path.join(dataDir, 'password');
  const cluster = path.join(place, 'cluster');
  const existing = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (existing && (await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined))) {
    return existing.trim();
  }
  const fresh = path.join(place, 'cluster.new');
  await rm(fresh, { recursive: true, force: true });
  const password = randomBytes(24).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  await mkdir(fresh, { mode: 0o700 });
  const pwfile = path.join(place, 'password.initdb');
  await writeFile(pwfile, `${password}\n`, { mode: 0o600 });
  if (account) {
    await chown(fresh, account.uid, account.gid);
    await chown(pwfile, account.uid, account.gid);
  }
  // The builtin provider has the same order and case mapping on every machine, whatever its locales.
  const args = [
    `--pgdata=${fresh}`,
    `--pwfile=${pwfile}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ];
  try {
    await run(programs.initdb, args, { ...idsOf(account), env: serverEnvironment(), cwd: '/' });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new EmbeddedPostgresError(`PostgreSQL could not set up ${dataDir}: ${stderr?.trim() || message}`, {
      cause: error,
    });
  } finally {
    await rm(pwfile, { force: true });
  }
  await rm(cluster, { recursive: true, force: true });
  await rename(fresh, cluster);
  return password;
};

/** The folder is claimed, so a server still running on it has just lost its owner, or its pid file is stale. */
const stopOrphan = async (cluster: string) => {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  if (!(await isServerOf(pid, cluster))) return rm(pidFile, { force: true });
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isRunning(pid); waited += 100) {
    if (waited > 20_000)
      throw new DataDirectoryInUse(cluster, `PostgreSQL (process ${pid}), which does not stop`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Pids are reused, especially in containers: the command line distinguishes them. */
const isServerOf = async (pid: number, cluster: string) => {
  if (!isRunning(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
    run('ps', ['-o', 'command=', '-p', String(pid)]).then(
      ({ stdout }) => stdout,
      () => '',
    ),
  );
  return command.includes('postgres') && command.includes(cluster);
};

const startOnPort = async (server: Server & ServerPlace, options: EmbeddedPostgresOptions) => {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const result = await tryStart(server, port, options);
    if (result.server) return { server: result.server, port };
    const busy = /could not (bind|create any TCP)|Address already in use/i.test(result.output);
    if (busy && options.port !== undefined) throw new EmbeddedPostgresError(`port ${port} is already in use`);
    // Another process took the free port in between.
    if (busy && attempt < 5) continue;
    const versions = /initialized by PostgreSQL version (\S+), .* this version (\S+?)\.?\s/.exec(
      result.output,
    );
    if (versions)
      throw new DataDirectoryOfAnotherVersion(
        `${server.cluster} was made by PostgreSQL ${versions[1]}; this is ${versions[2]}`,
      );
    throw new EmbeddedPostgresError(
      `PostgreSQL did not start: ${result.output.trim().split('\n').slice(-5).join(' | ')}`,
    );
  }
};

const tryStart = async (
  { dataDir, cluster, socketDir, programs, account }: Server & ServerPlace,
  port: number,
  { ephemeral = false, maxConnections = 200 }: EmbeddedPostgresOptions,
): Promise<{ server?: OwnedProcess; output: string }> => {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketDir ?? '',
    max_connections: maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    shared_buffers: ephemeral ? '64MB' : '32MB',
    ...(ephemeral && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      wal_level: 'minimal',
      max_wal_senders: 0,
    }),
  };
  const words = [
    '-D',
    cluster,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const server = spawnOwned(programs.postgres, words, {
    ...idsOf(account),
    env: serverEnvironment(),
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    // Fast shutdown: clients are disconnected and transactions rolled back.
    stopSignal: 'SIGINT',
    ...(ephemeral && { removeOnDeath: [...new Set([path.dirname(cluster), dataDir])] }),
  });
  let output = '';
  const ready = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), startTimeoutMs);
    server.child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (/ready to accept (read-only )?connections/.test(output)) {
        clearTimeout(timer);
        resolve(true);
      }
    });
    void server.ended.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  if (!ready) {
    await server.stop();
    return { output };
  }
  server.child.unref();
  (server.child.stderr as unknown as { unref?(): void } | null)?.unref?.();
  return { server, output };
};

/** The server inherits nothing of the caller's locale, time zone or PG* variables. */
const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  LC_ALL: 'C',
  LANG: 'C',
  TZ: 'UTC',
});
