/**
 * `npm run test:oldest [-- --projects=NAME,NAME]`: `npm test` with the oldest servers that are supported, which are Debian 12's:
 * PostgreSQL 15 and RabbitMQ 3.10. POSTGRES_BIN and RABBITMQ_BIN name folders of their programs; without them, root on
 * Debian 12 has them from there. The last line is `N passed, N failed`.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import type * as DebianRelease from '@bulkhead/development/debian-release';
import type * as EmbeddedPlace from '@bulkhead/development/embedded-place';
import { load } from '../build/load.ts';
import { startOwnPostgres } from './own-postgres.ts';
import { createProcesses } from './processes.ts';
import { runStep } from '../bootstrap/run-program.mjs';
import { stopUnavailable } from './unavailable.ts';

const oldest = { postgres: 15, rabbitmq: '3.10' };
const debian = { version: 12, release: 'bookworm' };
const installed = `/usr/lib/postgresql/${oldest.postgres}/bin`;

/** @returns the folder of programs that a variable names, or Debian 12's */
const findPrograms = async (
  variable: string,
  packages: string,
  programs: readonly string[],
): Promise<string> => {
  const given = process.env[variable];
  if (given)
    return existsSync(given) ? given : stopUnavailable(`${variable} is ${given}, which is not there.`);
  const { debianOfMachine, programsOfRelease } = await load<typeof DebianRelease>(
    'libs/development/src/debian-release.ts',
  );
  if ((await debianOfMachine())?.version !== debian.version)
    stopUnavailable(
      `${variable} is needed where this is not Debian ${debian.version}: a folder of ${packages}.`,
    );
  return programsOfRelease({ release: debian.release, packages: [packages], programs }).catch(
    (error: Error) =>
      stopUnavailable(`${packages} of Debian ${debian.version} could not be had: ${error.message}.`),
  );
};

const findPostgres = async (): Promise<string> => {
  if (!process.env['POSTGRES_BIN'] && existsSync(installed)) return installed;
  const found = await findPrograms('POSTGRES_BIN', `postgresql-${oldest.postgres}`, []);
  // PostgreSQL finds its own files from where it is, and its libraries are those of this machine's release.
  return process.env['POSTGRES_BIN'] ? found : path.join(found, '../release', installed);
};

const postgres = await findPostgres();
const broker = await findPrograms('RABBITMQ_BIN', 'rabbitmq-server', [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/usr/bin/epmd',
]);
const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-oldest-'));
const processes = createProcesses(folder);
let status = 1;
try {
  execFileSync('chmod', ['755', folder]);
  const server = await startOwnPostgres(processes, postgres, folder);
  const password = randomBytes(18).toString('base64url');
  writeFileSync(server.tool('psql', '-Atc', 'show hba_file').trim(), 'host all all all scram-sha-256\n');
  server.tool('psql', '-c', `alter role postgres password '${password}'`, '-c', 'select pg_reload_conf()');
  const environment = {
    TEST_DATABASE_URL: Object.assign(new URL(server.url), { password }).href,
    RABBITMQ_URL: '',
    RABBITMQ_MANAGEMENT_URL: '',
    PATH: [broker, process.env['PATH']].join(path.delimiter),
  };
  // What passed on other servers is tried again.
  const words = [
    process.execPath,
    path.join(root, 'tools/run.mjs'),
    'test',
    '--skip-nx-cache',
    ...process.argv.slice(2),
  ];
  status = await runStep(words, { environment });
} catch (error) {
  console.error(error);
  console.log('0 passed, 1 failed');
} finally {
  await processes.stop();
  const { removeDataDirectory } = await load<typeof EmbeddedPlace>('libs/development/src/embedded-place.ts');
  await removeDataDirectory(path.join(folder, 'server'));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
