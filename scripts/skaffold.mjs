/**
 * `npm run skaffold -- COMMAND…`: Skaffold with every bundle in dist. With `dev`, bundles follow the source: an edit is
 * bundled again in well under a second, Skaffold puts the bundle into the pod, and the process there starts anew.
 */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { imageNames } from './images.mjs';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

const args = process.argv.slice(2);
if (spawnSync('skaffold', ['version']).error) {
  console.error('skaffold is not on the PATH: https://skaffold.dev/docs/install');
  process.exit(69);
}
ensureInstalled();
const environment = { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
const apps = imageNames();
const { status } = spawnSync('nx', ['run-many', '-t', 'build', `--projects=${apps.join(',')}`], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
});
if (status !== 0) process.exit(1);

const watchers =
  args[0] === 'dev'
    ? apps.map((app) =>
        spawn(runtime(), [path.join(root, 'scripts/build.mjs'), path.join('apps', app), '--watch'], {
          cwd: root,
          stdio: ['ignore', 'ignore', 'inherit'],
          env: environment,
        }),
      )
    : [];
const skaffold = spawn('skaffold', args, { cwd: root, stdio: 'inherit', env: environment });
// Ctrl-C reaches Skaffold by itself; it cleans up, and only then is this over.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => skaffold.kill(signal));
skaffold.on('exit', (code) => {
  for (const watcher of watchers) watcher.kill();
  process.exit(code ?? 1);
});
