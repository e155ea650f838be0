/**
 * `npm run test:charts [-- arguments of jest]`: what the charts, skaffold.yaml and k8s/ are made of and render to. Needs
 * helm, kubectl and kubeconform on the PATH, and no cluster. OCI_REGISTRY names a registry's program (go-containerregistry's
 * `registry`), else Go installs it into node_modules/.cache. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { ensureGenerated } from '../build/generated.ts';
import { findGoProgram } from '../test/go-program.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { runJest } from '../test/run-jest.ts';
import { stopUnavailable } from '../test/unavailable.ts';

/** A registry in memory: https://github.com/google/go-containerregistry/releases */
const registry = {
  name: 'oci-registry',
  module: 'github.com/google/go-containerregistry/cmd/registry',
  version: 'v0.20.6',
  variable: 'OCI_REGISTRY',
};

const tools = {
  helm: { ask: ['version'], from: 'https://helm.sh/docs/intro/install' },
  kubectl: { ask: ['version', '--client'], from: 'https://kubernetes.io/docs/tasks/tools' },
  kubeconform: { ask: ['-v'], from: 'https://github.com/yannh/kubeconform' },
};

const missing = Object.entries(tools).filter(([tool, { ask }]) => spawnSync(tool, ask).error);
if (missing.length > 0)
  stopUnavailable(
    missing
      .map(([tool, { from }]) => `${tool} is not on the PATH; the tests of the charts need it: ${from}`)
      .join('\n'),
  );

ensureInstalled();
ensureGenerated();
await runJest(['--config', 'charts/jest.config.cjs', ...process.argv.slice(2)], {
  environment: { OCI_REGISTRY: findGoProgram(registry) },
});
