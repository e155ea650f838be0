/**
 * `npm run experiment -- list | NAME … | all`: builds the shop and the experiments, and runs them. See docs/experiments.
 * With `--target cluster`, CLUSTER_ENTER is a command in which they run, where only that reaches the cluster's gateway.
 */
import type * as CommandLine from '../../experiments/command-line';
import type * as Stories from '../../experiments/stories/stories';
import { buildShop } from '../build/build-shop.ts';
import { load } from '../build/load.ts';

const words = process.argv.slice(2);
// Before minutes go into a shop that nobody needs.
const { parseArguments } = await load<typeof CommandLine>('experiments/command-line.ts');
const { stories } = await load<typeof Stories>('experiments/stories/stories.ts');
const asked = parseArguments(words, stories);
if (asked.kind === 'wrong') {
  console.error(asked.sentence);
  process.exit(2);
}
const { runBundled } = await import('../build/run-bundled.ts');
const inCluster = words[words.indexOf('--target') + 1] === 'cluster';
if (asked.kind !== 'list' && !inCluster) buildShop();
await runBundled(
  { main: 'experiments/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  {
    outdir: 'dist/experiments',
    version: 'experiment',
    flags: ['--enable-source-maps'],
    enter: (inCluster && process.env['CLUSTER_ENTER']) || '',
  },
);
