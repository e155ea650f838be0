/**
 * `npm run test:nodes [-- arguments of jest]`: installs the shop in a cluster of three nodes or more and drains, kills and
 * cuts off two of them under load (docs/cluster-tests.md). Builds and loads images first; needs helm and kubectl on the
 * PATH. The last line is `N passed, N failed`. The variables of `npm run test:cluster`, and those that say how an accident
 * happens to a node; made for kind with workers. The first node stays as it is: the servers and the way in are there.
 *
 * It makes, and removes, the namespaces bulkhead-nodes and bulkhead-servers.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildImages } from './images.mjs';
import { ensureInstalled, root, runtimeEnvironment } from './install.mjs';
import { runJest } from './run-jest.mjs';
import { stopUnavailable } from './unavailable.mjs';

const {
  SHOP_URL = 'http://localhost:8080',
  IMAGE_LOAD = 'kind load docker-image',
  CLUSTER_ENTER = '',
  CLUSTER_VALUES = path.join(root, 'charts/tests/cluster/kind.yaml'),
  NODE_KILL = 'docker kill',
  NODE_START = 'docker start',
  NODE_CUT = 'docker network disconnect kind',
  NODE_JOIN = 'docker network connect kind',
  NODES_REPORTS = '',
} = process.env;
const tag = 'cluster-head';

async function main() {
  for (const [tool, words] of Object.entries({ helm: ['version'], kubectl: ['version'] }))
    if (spawnSync(tool, words).status !== 0)
      return stopUnavailable(`${tool} is not on the PATH or reaches no cluster; set KUBECONFIG.`);
  const { stdout } = spawnSync('kubectl', ['get', 'nodes', '-o', 'name'], { encoding: 'utf8' });
  const nodes = stdout.trim().split('\n').length;
  if (nodes < 3)
    return stopUnavailable(`The cluster that KUBECONFIG leads to has ${nodes} of three nodes; use another.`);
  ensureInstalled();
  console.log('Building images of this tree …');
  const names = buildImages({ tag });
  const [command, ...words] = IMAGE_LOAD.split(' ');
  console.log(`Loading ${names.length} images into ${nodes} nodes …`);
  const loaded = spawnSync(command, [...words, ...names], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: runtimeEnvironment(),
  });
  if (loaded.status !== 0) throw new Error(`${IMAGE_LOAD} failed`);
  await runJest(['--config', 'charts/jest.nodes.config.cjs', '--runInBand', ...process.argv.slice(2)], {
    enter: CLUSTER_ENTER.split(' ').filter(Boolean),
    environment: {
      ...{ SHOP_URL, CLUSTER_VALUES, CLUSTER_TAG: tag },
      ...{ NODE_KILL, NODE_START, NODE_CUT, NODE_JOIN },
      NODES_REPORTS: NODES_REPORTS && path.resolve(NODES_REPORTS),
    },
  });
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
