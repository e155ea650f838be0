/**
 * `npm run experiment -- list | NAME … | all`: builds the shop and the experiments, and runs them. See docs/experiments.
 * With `--target cluster`, CLUSTER_ENTER is a command in which they run, where only that reaches the cluster's gateway.
 */
import { buildShop } from '../build/build-shop.mjs';
import { load } from '../build/load.mjs';

const words = process.argv.slice(2);
// Before minutes go into a shop that nobody needs.
const { parseArguments } = await load('experiments/command-line.ts');
const { stories } = await load('experiments/stories/stories.ts');
const { kind, sentence } = parseArguments(words, stories);
if (kind === 'wrong') {
  console.error(sentence);
  process.exit(2);
}
const { runBundled } = await import('../build/run-bundled.mjs');
const inCluster = words[words.indexOf('--target') + 1] === 'cluster';
if (kind !== 'list' && !inCluster) buildShop();
await runBundled(
  { main: 'experiments/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  {
    outdir: 'dist/experiments',
    version: 'experiment',
    flags: ['--enable-source-maps'],
    enter: inCluster ? process.env.CLUSTER_ENTER : undefined,
  },
);
