/** Bundles a TypeScript program of the workspace and runs it on the packaged Node.js. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { root, runtime, runtimeEnvironment } from './install.mjs';

/**
 * @param {string} source path of its .ts file from the root of the workspace
 * @param {string} outfile path of the bundle from the root of the workspace
 */
export const runBundled = async (source, outfile) => {
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'linked',
    sourcesContent: false,
    packages: 'external',
    define: { BULKHEAD_VERSION: '"bench"', 'import.meta.url': 'bulkheadModuleUrl' },
    banner: { js: "const bulkheadModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
  const child = spawn(runtime(), [path.join(root, outfile), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: runtimeEnvironment(),
  });
  // The terminal sends Ctrl-C to both; the program ends by itself.
  process.on('SIGINT', () => (process.stdin.isTTY ? undefined : child.kill('SIGINT')));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => process.exit(code ?? 1));
};
