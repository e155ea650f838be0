/** `npm run bench [-- NAME …] [--gate]`: bundles the bench and runs it. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

ensureInstalled();
const outfile = path.join(root, 'dist/bench/bench.js');
await build({
  absWorkingDir: root,
  entryPoints: ['bench/main.ts'],
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
const { status } = spawnSync(runtime(), [outfile, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: runtimeEnvironment(),
});
process.exit(status ?? 1);
