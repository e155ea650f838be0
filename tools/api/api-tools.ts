/** Programs that read the API document (tools/api/api-tools). */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensurePackagesApart } from '../test/packages-apart.ts';

/** @returns the folder whose `node_modules` has them @throws Error where they cannot be installed */
export const ensureApiTools = (): string =>
  ensurePackagesApart({
    source: path.join(import.meta.dirname, 'api-tools'),
    what: 'the linters and generators of the API document',
  });

/** Runs the program of a package of them. @returns what it said, and its exit code */
export function runApiTool(
  folder: string,
  program: string,
  words: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv } = {},
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [path.join(folder, 'node_modules', program), ...words],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26, ...options },
  );
  if (error) throw error;
  return { status, stdout, stderr };
}
