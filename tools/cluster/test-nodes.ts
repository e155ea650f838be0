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
import { countFailure, loadImages, requireCluster, testInCluster } from './test-run.ts';
import { buildImages } from '../images/images.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { stopUnavailable } from '../test/unavailable.ts';

const {
  NODE_KILL = 'docker kill',
  NODE_START = 'docker start',
  NODE_CUT = 'docker network disconnect kind',
  NODE_JOIN = 'docker network connect kind',
  NODES_REPORTS = '',
} = process.env;
const tag = 'cluster-head';

await countFailure(async () => {
  requireCluster();
  const { stdout } = spawnSync('kubectl', ['get', 'nodes', '-o', 'name'], { encoding: 'utf8' });
  const nodes = stdout.trim().split('\n').length;
  if (nodes < 3)
    stopUnavailable(`The cluster that KUBECONFIG leads to has ${nodes} of three nodes; use another.`);
  ensureInstalled();
  console.log('Building images of this tree …');
  loadImages(buildImages({ tag }));
  await testInCluster('charts/jest.nodes.config.cjs', {
    CLUSTER_TAG: tag,
    ...{ NODE_KILL, NODE_START, NODE_CUT, NODE_JOIN },
    NODES_REPORTS: NODES_REPORTS && path.resolve(NODES_REPORTS),
  });
});
