/** What the commands that test in a cluster have in common (docs/cluster-tests.md). */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, runtimeEnvironment } from '../bootstrap/install.mjs';
import { runJest } from '../test/run-jest.ts';
import { messageOf, stopUnavailable } from '../test/unavailable.ts';

const {
  SHOP_URL = 'http://localhost:8080',
  IMAGE_LOAD = 'kind load docker-image',
  CLUSTER_ENTER = '',
  CLUSTER_VALUES = path.join(root, 'charts/tests/cluster/kind.yaml'),
} = process.env;

/** Ends this process unless helm and kubectl are there and reach a cluster. */
export function requireCluster(): void {
  for (const [tool, words] of Object.entries({ helm: ['version'], kubectl: ['version'] }))
    if (spawnSync(tool, words).status !== 0)
      stopUnavailable(`${tool} is not on the PATH or reaches no cluster; set KUBECONFIG.`);
}

/** @param names of images that every node of the cluster gets */
export function loadImages(names: readonly string[]): void {
  const [command = '', ...words] = IMAGE_LOAD.split(' ');
  console.log(`Loading ${names.length} images …`);
  runCommand(command, [...words, ...names], root);
}

/** Runs a command without its output. @throws Error where it fails */
export function runCommand(command: string, words: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(command, words, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' },
  });
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ''}`);
}

/**
 * Runs a configuration of jest where the cluster can be reached, with the arguments of this command.
 * @param config path of the configuration
 * @param environment variables beside those that say where the cluster is
 */
export const testInCluster = (config: string, environment: Record<string, string>): Promise<void> =>
  runJest(['--config', config, '--runInBand', ...process.argv.slice(2)], {
    enter: CLUSTER_ENTER.split(' ').filter(Boolean),
    environment: { SHOP_URL, CLUSTER_VALUES, ...environment },
  });

/** Ends with `N passed, N failed` also where no test could begin. */
export async function countFailure(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(messageOf(error));
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  }
}
