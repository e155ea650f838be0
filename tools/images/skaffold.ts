/**
 * `npm run skaffold -- COMMAND…`: Skaffold with the bundles of its modules in dist. With `dev`, one process bundles each
 * edit again in well under a second, Skaffold copies the bundle into the pod, and the process there starts anew. `verify`
 * builds, deploys and then verifies what it deployed, as Skaffold's own `verify` does neither.
 */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imageNames } from './images.ts';
import { ensureInstalled, root, runtime, shopEnvironment } from '../bootstrap/install.mjs';
import { mergeModules } from './skaffold-modules.ts';
import { gatewayProfiles, readSkaffoldOptions } from './skaffold-options.ts';

const [command, ...options] = process.argv.slice(2);
if (spawnSync('skaffold', ['version']).error) {
  console.error('skaffold is not on the PATH: https://skaffold.dev/docs/install');
  process.exit(69);
}
const { profile, apps, modules, profiles, others, isOwnFile } = readSkaffoldOptions(options, imageNames());
if (profile && spawnSync('kubectl', ['get', 'crd', 'httproutes.gateway.networking.k8s.io']).status !== 0) {
  console.error(
    `-p ${profile} serves the shop by a Gateway, and this cluster has none. Install Envoy Gateway and its class as ` +
      'docs/kubernetes.md says under "In five minutes", or leave the profile out: the gateway is then at http://localhost:8081.',
  );
  process.exit(1);
}
ensureInstalled();
const environment = {
  // Bundles are written whole: no need to wait a second, Skaffold's default, for more of an edit.
  SKAFFOLD_WATCH_POLL_INTERVAL: '200',
  ...shopEnvironment(),
  BULKHEAD_BUNDLES: 'built',
};

const nx = (...words: string[]): void => {
  const { status } = spawnSync('nx', ['run-many', ...words, `--projects=${apps.join(',')}`], {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  if (status !== 0) process.exit(1);
};

/** Bundles all apps, and again after each edit. @returns the process that does it, once all are there */
const watchBundles = (): Promise<ChildProcess> => {
  nx('-t', 'generate');
  const watcher = fork(
    path.join(root, 'tools/build/build.ts'),
    ['--watch', ...apps.map((app) => path.join('apps', app))],
    { cwd: root, env: environment, execPath: runtime() },
  );
  return new Promise((resolve, reject) => {
    watcher.once('message', () => resolve(watcher));
    watcher.once('exit', () => reject(new Error('The bundles could not be built.')));
  });
};

/** Ctrl-C reaches Skaffold by itself; it cleans up, and only then is this over. @returns its exit code */
const runSkaffold = (words: readonly string[]): Promise<number> => {
  const skaffold = spawn('skaffold', words, { cwd: root, stdio: 'inherit', env: environment });
  const pass = (signal: NodeJS.Signals) => void skaffold.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
  return new Promise((resolve) => {
    skaffold.on('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
      resolve(code ?? 1);
    });
  });
};

/** @returns what `work` does, which has a folder of its own until then */
const inFolder = async (work: (folder: string) => Promise<number>): Promise<number> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-skaffold-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const isMergeable = !isOwnFile && profiles.every((name) => gatewayProfiles.includes(name));

const dev = (): Promise<number> =>
  isMergeable
    ? inFolder((folder) => {
        const file = path.join(folder, 'skaffold.yaml');
        const text = readFileSync(path.join(root, 'skaffold.yaml'), 'utf8');
        writeFileSync(file, mergeModules(text, modules, profiles));
        return runSkaffold(['dev', '-f', file, ...others]);
      })
    : runSkaffold(['dev', ...options]);

const verify = (): Promise<number> =>
  inFolder(async (folder) => {
    const built = path.join(folder, 'built.json');
    const steps = [
      ['build', `--file-output=${built}`],
      ['deploy', `--build-artifacts=${built}`],
      ['verify', `--build-artifacts=${built}`],
    ];
    for (const step of steps) {
      const code = await runSkaffold([...step, '-p', 'verify', ...options]);
      if (code !== 0) return code;
    }
    return 0;
  });

const runCommand = (): Promise<number> => {
  if (command === 'dev') return dev();
  if (command === 'verify') return verify();
  return runSkaffold(command ? [command, ...options] : ['help']);
};

let watcher: ChildProcess | undefined;
if (command === 'dev') watcher = await watchBundles();
else if (command) nx('-t', 'build');
process.exitCode = await runCommand();
watcher?.kill();
