import { execFile } from 'node:child_process';
import { access, constants, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { debianOfMachine, programsOfRelease } from './debian-release';

const run = promisify(execFile);

export interface BrokerProgram {
  /** Path of the script that runs the broker in the foreground. */
  readonly server: string;
  /** Path of Erlang's name service. */
  readonly epmd: string;
}

/**
 * Finds a way to run a broker: a program that the user put on the PATH, else Debian's RabbitMQ 4, else that of the
 * first Debian release that has it, else an older one of the machine's, else a container, else the machine's own
 * package, which is installed.
 * @throws Error when there is no way
 */
export const findBrokerProgram = async (): Promise<BrokerProgram | 'container'> => {
  const found = (await programOnPath()) ?? (await debianProgram());
  if (found && found.series >= wantedSeries) return found;
  const newer = await programOfNewerDebian();
  if (newer) return newer;
  if (found) return found;
  if (await succeeds('docker', ['info'])) return 'container';
  if (process.getuid?.() === 0 && (await succeeds('apt-get', ['--version']))) {
    await installPackage();
    const program = await debianProgram();
    if (program) return program;
  }
  throw new Error(
    'RabbitMQ is needed: set RABBITMQ_URL, install rabbitmq-server or start Docker (as root on Debian it is installed by itself)',
  );
};

/** RabbitMQ 4 is what people run; 3.10 is the oldest supported, and Debian 12's. */
const wantedSeries = 4;
const firstDebianWithIt = { version: 13, codename: 'trixie' };

/** Debian's program on the PATH switches to another account; the one behind it runs as its caller. */
const debianFolder = '/usr/lib/rabbitmq/bin';
const systemFolders = ['/usr/sbin', '/usr/bin'];
const given = () => (process.env['PATH'] ?? '').split(path.delimiter);

type FoundProgram = BrokerProgram & { readonly series: number };

/** A program that the user put on the PATH, of any version. */
const programOnPath = async (): Promise<FoundProgram | undefined> => {
  const own = given().filter((folder) => ![...systemFolders, '/sbin', '/bin'].includes(folder));
  const [server, epmd] = await Promise.all([
    firstExecutable('rabbitmq-server', own),
    firstExecutable('epmd', [...given(), ...systemFolders]),
  ]);
  return server && epmd ? { server, epmd, series: Infinity } : undefined;
};

const debianProgram = async (): Promise<FoundProgram | undefined> => {
  const [server, epmd, versions] = await Promise.all([
    firstExecutable('rabbitmq-server', [debianFolder, ...systemFolders]),
    firstExecutable('epmd', systemFolders),
    readdir('/usr/lib/rabbitmq/lib').catch(() => []),
  ]);
  const series = versions.map((name) => Number(/^rabbitmq_server-(\d+)/.exec(name)?.[1] ?? 0));
  return server && epmd ? { server, epmd, series: Math.max(0, ...series) } : undefined;
};

/** On a Debian whose own is too old. Undefined if it cannot be fetched or run, as in a container without privileges. */
const programOfNewerDebian = async (): Promise<BrokerProgram | undefined> => {
  const debian = await debianOfMachine();
  if (!debian || !(debian.version < firstDebianWithIt.version) || process.getuid?.() !== 0) return undefined;
  try {
    const folder = await programsOfRelease({
      release: firstDebianWithIt.codename,
      packages: ['rabbitmq-server'],
      programs: [path.join(debianFolder, 'rabbitmq-server'), '/usr/bin/epmd', '/usr/bin/erl'],
    });
    await run(path.join(folder, 'erl'), ['-noshell', '-eval', 'halt().'], { timeout: 30_000 });
    return { server: path.join(folder, 'rabbitmq-server'), epmd: path.join(folder, 'epmd') };
  } catch {
    return undefined;
  }
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

/** Prevents Debian's package scripts from starting what they install; our server is started with its own settings. */
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
