/**
 * `npm run test:observability`: installs Prometheus and the Collector of k8s/observability, and a shop beside them, in the
 * cluster that KUBECONFIG leads to; asks Prometheus what dashboards and alerts ask, and looks for the traces of orders in
 * what the Collector keeps. Builds and loads images first; needs helm and kubectl on the PATH. The variables of
 * `npm run test:cluster`, and PROMETHEUS_IMAGE and COLLECTOR_IMAGE where the cluster cannot pull the committed ones. The last
 * line is `N passed, N failed`. It makes, and removes, the namespaces bulkhead-observed and observability.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildImages } from '../images/images.ts';
import { ensureInstalled, root, runtime, runtimeEnvironment } from '../bootstrap/install.mjs';
import { stopUnavailable } from '../test/unavailable.ts';

const {
  SHOP_URL = 'http://localhost:8080',
  IMAGE_LOAD = 'kind load docker-image',
  CLUSTER_ENTER = '',
  CLUSTER_VALUES = path.join(root, 'charts/tests/cluster/kind.yaml'),
} = process.env;
const tag = 'cluster-head';

for (const [tool, words] of Object.entries({ helm: ['version'], kubectl: ['version'] }))
  if (spawnSync(tool, words).status !== 0)
    stopUnavailable(`${tool} is not on the PATH or reaches no cluster; set KUBECONFIG.`);
ensureInstalled();
console.log('Building images of this tree …');
const names = buildImages({ tag });
const run = (command, words, environment = {}) =>
  spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...runtimeEnvironment(), ...environment },
  }).status;
const [load, ...loadWords] = IMAGE_LOAD.split(' ');
console.log(`Loading ${names.length} images …`);
if (run(load, [...loadWords, ...names]) !== 0) {
  console.error(`${IMAGE_LOAD} failed`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const [command, ...words] = [
  ...CLUSTER_ENTER.split(' ').filter(Boolean),
  runtime(),
  path.join(root, 'tools/observability/in-cluster.mjs'),
];
process.exit(run(command, words, { SHOP_URL, CLUSTER_VALUES, CLUSTER_TAG: tag }) ?? 1);
