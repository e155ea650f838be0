import { execFile } from 'node:child_process';
import { access, constants, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface BrokerProgram {
  /** Path of the script that runs the broker in the foreground. */
  readonly server: string;
  /** Path of Erlang's name service. */
  readonly epmd: string;
}

/** How a broker can be run here. Installs the Debian package as the last resort. @throws Error when there is no way. */
export const findBrokerProgram = async (): Promise<BrokerProgram | 'container'> => {
  const installed = await installedProgram();
  if (installed) return installed;
  if (await succeeds('docker', ['info'])) return 'container';
  if (process.getuid?.() === 0 && (await succeeds('apt-get', ['--version']))) {
    await installPackage();
    const program = await installedProgram();
    if (program) return program;
  }
  throw new Error(
    'RabbitMQ is needed: set RABBITMQ_URL, install rabbitmq-server or start Docker (as root on Debian it is installed by itself)',
  );
};

/** Debian's program on the PATH changes to another account; the one behind it runs as whoever calls it. */
const debianFolder = '/usr/lib/rabbitmq/bin';
const systemFolders = ['/usr/sbin', '/usr/bin'];

const installedProgram = async (): Promise<BrokerProgram | undefined> => {
  const given = (process.env['PATH'] ?? '').split(path.delimiter);
  // One that somebody put on the PATH goes before Debian's.
  const own = given.filter((folder) => ![...systemFolders, '/sbin', '/bin'].includes(folder));
  const server = await firstExecutable('rabbitmq-server', [...own, debianFolder, ...given, ...systemFolders]);
  const epmd = await firstExecutable('epmd', [...given, ...systemFolders]);
  return server && epmd ? { server, epmd } : undefined;
};

const firstExecutable = async (name: string, folders: readonly string[]) => {
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      return file;
    }
  }
  return undefined;
};

const succeeds = (command: string, args: readonly string[]) =>
  run(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );

/** Tells Debian's package scripts not to start what they install; ours is started with settings of its own. */
const policyFile = '/usr/sbin/policy-rc.d';

const installPackage = async () => {
  const isOurs = await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 }).then(
    () => true,
    () => false,
  );
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 180_000 };
  const install = ['install', '-y', '-q', '--no-install-recommends', 'rabbitmq-server'];
  try {
    await run('apt-get', install, options).catch(async () => {
      await run('apt-get', ['update', '-q'], options);
      await run('apt-get', install, options);
    });
  } catch (cause) {
    throw new Error('RabbitMQ is needed, and apt-get could not install rabbitmq-server', { cause });
  } finally {
    if (isOurs) await rm(policyFile, { force: true });
  }
};
