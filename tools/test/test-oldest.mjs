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
import { load } from '../build/load.mjs';
import { startOwnPostgres } from './own-postgres.mjs';
import { createProcesses } from './processes.mjs';
import { runStep } from '../bootstrap/run-program.mjs';
import { stopUnavailable } from './unavailable.mjs';

const oldest = { postgres: 15, rabbitmq: '3.10' };
const debian = { version: 12, release: 'bookworm' };
const installed = `/usr/lib/postgresql/${oldest.postgres}/bin`;

/** @returns the folder of programs that a variable names, or Debian 12's */
const findPrograms = async (variable, packages, programs) => {
  const given = process.env[variable];
  if (given)
    return existsSync(given) ? given : stopUnavailable(`${variable} is ${given}, which is not there.`);
  const { debianOfMachine, programsOfRelease } = await load('libs/development/src/debian-release.ts');
  if ((await debianOfMachine())?.version !== debian.version)
    stopUnavailable(
      `${variable} is needed where this is not Debian ${debian.version}: a folder of ${packages}.`,
    );
  return programsOfRelease({ release: debian.release, packages: [packages], programs }).catch((error) =>
    stopUnavailable(`${packages} of Debian ${debian.version} could not be had: ${error.message}.`),
  );
};

const findPostgres = async () => {
  if (!process.env.POSTGRES_BIN && existsSync(installed)) return installed;
  const found = await findPrograms('POSTGRES_BIN', `postgresql-${oldest.postgres}`, []);
  // PostgreSQL finds its own files from where it is, and its libraries are those of this machine's release.
  return process.env.POSTGRES_BIN ? found : path.join(found, '../release', installed);
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
    PATH: [broker, process.env.PATH].join(path.delimiter),
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
  const { removeDataDirectory } = await load('libs/development/src/embedded-place.ts');
  await removeDataDirectory(path.join(folder, 'server'));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
