/** Programs that come with the system: found on the PATH, or installed from Debian where that is allowed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Every one that the PATH has, in its order. */
const findAllOnPath = (program: string): string[] =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .filter((file) => existsSync(file));

/** Where the PATH has it; undefined where it does not. */
export const findOnPath = (program: string): string | undefined => findAllOnPath(program)[0];

const runs = (program: string): boolean => !spawnSync(program, ['--version'], { stdio: 'ignore' }).error;

const aptGet = (...words: string[]): boolean =>
  spawnSync('apt-get', words, {
    // RUNLEVEL keeps what has a service from starting it.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: 'ignore',
  }).status === 0;

/**
 * The program that `variable` of the environment names, else the one on the PATH, else (root where there is apt-get)
 * Debian's, which is installed.
 * @returns its path
 * @throws Error in one sentence when there is no way to have it
 */
export const findProgram = ({
  program,
  package: debianPackage,
  variable,
}: {
  readonly program: string;
  readonly package: string;
  readonly variable: string;
}): string => {
  const given = process.env[variable];
  if (given) {
    if (runs(given)) return given;
    throw new Error(`${variable} is ${given}, which cannot be run.`);
  }
  const found = findOnPath(program);
  if (found) return found;
  if (process.getuid?.() === 0 && !spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).error) {
    console.log(`Installing ${debianPackage} …`);
    const install = () => aptGet('install', '-y', '-qq', '--no-install-recommends', debianPackage);
    if (install() || (aptGet('update', '-qq') && install())) {
      const installed = findOnPath(program);
      if (installed) return installed;
    }
    throw new Error(`${program} is needed, and apt-get could not install ${debianPackage}.`);
  }
  throw new Error(`${program} is needed: install it, or say where it is with ${variable}.`);
};

export const findChromium = (): string =>
  findProgram({ program: 'chromium', package: 'chromium', variable: 'CHROMIUM' });

/**
 * @returns the Prometheus server that PROMETHEUS names, or the first of each major
 *   version on the PATH, or Debian's
 */
export const findPrometheusServers = (): { program: string; version: string }[] => {
  const first = findProgram({ program: 'prometheus', package: 'prometheus', variable: 'PROMETHEUS' });
  const programs = process.env['PROMETHEUS'] ? [first] : [first, ...findAllOnPath('prometheus')];
  const servers = new Map<string | undefined, { program: string; version: string }>();
  for (const program of programs) {
    const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    const version = /version v?(\d+[\w.-]*)/.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
    const major = version.split('.')[0];
    if (!servers.has(major)) servers.set(major, { program, version });
  }
  return [...servers.values()];
};
