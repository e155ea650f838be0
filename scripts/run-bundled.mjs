/** Bundles TypeScript programs of the workspace and runs one on the packaged Node.js. */
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './install.mjs';
import { runProgram } from './run-program.mjs';

/**
 * What esbuild is told for a program that is run here, and not deployed.
 * @param {string} version what it says its version is
 */
export const bundleOptions = (version) => ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  sourcemap: 'linked',
  sourcesContent: false,
  packages: 'external',
  define: { BULKHEAD_VERSION: JSON.stringify(version), 'import.meta.url': 'bulkheadModuleUrl' },
  banner: { js: "const bulkheadModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});

/**
 * @param {Readonly<Record<string, string>>} programs names of bundles, and the .ts files they are made from; the first
 *   is run
 * @param {{ outdir: string, version: string, flags?: readonly string[], enter?: string }} options as `runProgram`
 *   takes them
 */
export const runBundled = async (programs, { outdir, version, flags, enter }) => {
  await build({ ...bundleOptions(version), entryPoints: programs, outdir });
  runProgram(path.join(outdir, `${Object.keys(programs)[0]}.js`), { flags, enter });
};
