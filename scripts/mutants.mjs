/**
 * `npm run test:mutants [-- NAME …]`: builds the services with mistakes in them, each in a bundle of its own beside the
 * product's, and sees each mistake caught by the check of the invariants. See docs/invariants.md.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

ensureInstalled();
const environment = { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
const built = spawnSync('nx', ['run-many', '-t', 'build'], {
  cwd: root,
  encoding: 'utf8',
  env: environment,
  shell: process.platform === 'win32',
});
if (built.status !== 0) {
  console.error(`${built.stdout}${built.stderr}\nThe shop could not be built.`);
  process.exit(1);
}
const outdir = path.join(root, 'dist/mutants');
rmSync(outdir, { recursive: true, force: true });
cpSync(path.join(root, 'dist/apps'), path.join(outdir, 'apps'), { recursive: true });

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  sourcemap: 'linked',
  sourcesContent: false,
  packages: 'external',
  banner: { js: "const bulkheadModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
};
const define = { BULKHEAD_VERSION: '"mutant"', 'import.meta.url': 'bulkheadModuleUrl' };
const services = [
  'gateway',
  'auth',
  'profile',
  'product',
  'search',
  'inventory',
  'order',
  'payment',
  'notification',
];
await Promise.all([
  ...services.map((service) =>
    build({
      ...shared,
      entryPoints: ['experiments/mutants/serve.ts'],
      outfile: path.join(outdir, 'apps', service, 'main.js'),
      define: { ...define, SERVED_SERVICE: JSON.stringify(service) },
    }),
  ),
  build({
    ...shared,
    entryPoints: { main: 'experiments/mutants/main.ts' },
    outdir: path.join(outdir, 'run'),
    define,
  }),
]);
const child = spawn(
  runtime(),
  ['--enable-source-maps', path.join(outdir, 'run/main.js'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: environment },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
