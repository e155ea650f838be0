/** `npm run chaos -- --seed N --minutes M`: builds the shop and breaks it at random. See docs/invariants.md. */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

ensureInstalled();
const environment = { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
const words = process.argv.slice(2);
const quick = words.includes('--plan');
if (!quick) {
  const { status, stdout, stderr } = spawnSync('nx', ['run-many', '-t', 'build'], {
    cwd: root,
    encoding: 'utf8',
    env: environment,
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nThe shop could not be built.`);
    process.exit(1);
  }
}
await build({
  absWorkingDir: root,
  entryPoints: { main: 'experiments/chaos/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  outdir: path.join(root, 'dist/chaos'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  sourcemap: 'linked',
  sourcesContent: false,
  packages: 'external',
  define: { BULKHEAD_VERSION: '"experiment"', 'import.meta.url': 'bulkheadModuleUrl' },
  banner: { js: "const bulkheadModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});
const child = spawn(runtime(), ['--enable-source-maps', path.join(root, 'dist/chaos/main.js'), ...words], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
