/** Builds what the shop needs and starts it: `npm start` and `npm run services` differ only in what they start. */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

const usage = {
  monolith: 'usage: npm start [-- --fresh]',
  services: 'usage: npm run services [-- --fresh | SERVICE]',
};

/** @param {'monolith' | 'services'} command */
export function launch(command) {
  const words = process.argv.slice(2);
  const options = words.filter((word) => word.startsWith('-'));
  const names = words.filter((word) => !word.startsWith('-'));
  const unknown =
    options.some((option) => option !== '--fresh') || names.length > (command === 'services' ? 1 : 0);
  if (unknown) {
    console.error(usage[command]);
    process.exit(64);
  }
  ensureInstalled();
  const environment = { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
  if (names.length === 0) build(command, environment);

  const main = path.join(root, 'dist/apps/monolith/main.js');
  const child = spawn(runtime(), ['--enable-source-maps', main, command, ...names, ...options], {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  // The terminal sends Ctrl-C to both; this one waits for the shop to put itself away.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function build(command, environment) {
  const projects = command === 'services' ? [] : ['--projects=monolith'];
  const { status, stdout, stderr } = spawnSync('nx', ['run-many', '-t', 'build', ...projects], {
    cwd: root,
    encoding: 'utf8',
    env: environment,
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  console.error('The shop could not be built.');
  process.exit(1);
}
