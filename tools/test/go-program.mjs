/** Programs of Go that tests run: one that is named or on the PATH, else Go installs it into node_modules/.cache. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findOnPath } from './debian-program.mjs';
import { root } from '../bootstrap/install.mjs';
import { stopUnavailable } from './unavailable.mjs';

/**
 * @param {{ name: string, module: string, version: string, variable: string }} wanted the program and the module that it is
 *   the main package of; `variable` of the environment may name another program
 * @returns {string} its path; without one this process ends
 */
export function findGoProgram({ name, module, version, variable }) {
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
