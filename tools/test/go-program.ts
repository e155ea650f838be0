/** Programs of Go that tests run: one that is named or on the PATH, else Go installs it into node_modules/.cache. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findOnPath } from './debian-program.ts';
import { root } from '../bootstrap/install.mjs';
import { stopUnavailable } from './unavailable.ts';

export interface GoProgram {
  readonly name: string;
  /** The program is its main package. */
  readonly module: string;
  readonly version: string;
  /** Of the environment: it may name another program. */
  readonly variable: string;
}

/** @returns its path; without one this process ends */
export function findGoProgram({ name, module, version, variable }: GoProgram): string {
  const given = process.env[variable] ?? findOnPath(name);
  if (given && spawnSync(given, ['-version'], { stdio: 'ignore' }).error)
    return stopUnavailable(`${variable} is ${given}, which cannot be run.`);
  if (given) return given;
  const folder = path.join(root, `node_modules/.cache/bulkhead/${name}-${version}`);
  const program = path.join(folder, path.basename(module));
  if (existsSync(program)) return program;
  console.log(`Installing ${name} ${version} …`);
  const { error, status } = spawnSync('go', ['install', `${module}@${version}`], {
    cwd: root,
    env: { ...process.env, GOBIN: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) stopUnavailable(`${name} is needed: install it or Go, or say where it is with ${variable}.`);
  if (status !== 0 || !existsSync(program)) stopUnavailable(`Go could not install ${name} ${version}.`);
  return program;
}
