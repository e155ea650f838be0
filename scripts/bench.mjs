/** `npm run bench [-- NAME …] [--gate] [--smoke]`: bundles the bench and runs it. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root, runtimeEnvironment } from './install.mjs';

ensureInstalled();
// The memory of the shop is that of its bundles.
const { status } = spawnSync('nx', ['run-many', '-t', 'build', '--outputStyle=static'], {
  cwd: root,
  env: { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' },
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
});
if (status !== 0) {
  console.error('The shop could not be built; npm run build says why.');
  process.exit(1);
}
const { runBundled } = await import('./run-bundled.mjs');
await runBundled('bench/main.ts', 'dist/bench/bench.js');
