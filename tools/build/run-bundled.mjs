/** Bundles TypeScript programs of the workspace and runs one on the packaged Node.js. */
import path from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';
import { runProgram } from '../bootstrap/run-program.mjs';

/**
 * @param {Readonly<Record<string, string>>} programs names of bundles, and the .ts files they are made from; the first
 *   is run
 * @param {{ outdir: string, version: string, flags?: readonly string[], enter?: string }} options as `runProgram`
 *   takes them
 */
export const runBundled = async (programs, { outdir, version, flags, enter }) => {
  await build({ ...bundleOptions(version), packages: 'external', entryPoints: programs, outdir });
  runProgram(path.join(outdir, `${Object.keys(programs)[0]}.js`), { flags, enter });
};
