/** Programs from PyPI, in the exact versions of a requirements file, installed where nothing else is touched. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import { stopUnavailable } from '../test/unavailable.ts';

interface PythonTools {
  /** For people. */
  readonly name: string;
  /** Also the name of its package. */
  readonly program: string;
  /** A file beside this one. */
  readonly requirements: string;
}

/**
 * @returns the path of the program; those of its packages lie beside it. Without Python this process ends
 * @throws Error where it cannot be installed
 */
export function ensurePythonTools({ name, program, requirements }: PythonTools): string {
  const file = path.join(import.meta.dirname, requirements);
  const text = readFileSync(file, 'utf8');
  const version = text
    .split('\n')
    .find((line) => line.startsWith(`${program}==`))
    ?.split('==')[1];
  if (version === undefined) throw new Error(`${requirements} has no ${program}`);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const folder = path.join(root, `node_modules/.cache/bulkhead/${program}-${version}-${digest}`);
  const isWindows = process.platform === 'win32';
  const programs = path.join(folder, isWindows ? 'Scripts' : 'bin');
  const installed = path.join(programs, isWindows ? `${program}.exe` : program);
  if (existsSync(installed)) return installed;
  const python = ['python3', 'python'].find((each) => spawnSync(each, ['-m', 'venv', '--help']).status === 0);
  if (!python)
    return stopUnavailable(
      'Python 3.10 or later with its module venv is needed (on Debian: apt-get install python3-venv).',
    );
  console.log(`Installing ${name} ${version} …`);
  const commands: readonly [string, ...string[]][] = [
    [python, '-m', 'venv', folder],
    [path.join(programs, 'pip'), 'install', '--quiet', '--disable-pip-version-check', '--requirement', file],
  ];
  for (const [command, ...words] of commands) {
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status !== 0)
      throw new Error(`${name} ${version} could not be installed from PyPI: ${stdout}${stderr}`);
  }
  return installed;
}
