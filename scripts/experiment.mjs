/**
 * `npm run experiment -- list | NAME … | all`: builds the shop and the experiments, and runs them. See docs/experiments.
 * With `--target cluster`, CLUSTER_ENTER is a command in which they run, where only that reaches the cluster's gateway.
 */
import { buildShop } from './build-shop.mjs';
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const { runBundled } = await import('./run-bundled.mjs');
const words = process.argv.slice(2);
const inCluster = words[words.indexOf('--target') + 1] === 'cluster';
if (words.length > 0 && !words.includes('list') && !inCluster) buildShop();
await runBundled(
  { main: 'experiments/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  {
    outdir: 'dist/experiments',
    version: 'experiment',
    flags: ['--enable-source-maps'],
    enter: inCluster ? process.env.CLUSTER_ENTER : undefined,
  },
);
