/** `npm run experiment -- list | NAME … | all`: builds the shop and the experiments, and runs them. See docs/experiments. */
import { buildShop } from './build-shop.mjs';
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const { runBundled } = await import('./run-bundled.mjs');
const words = process.argv.slice(2);
if (words.length > 0 && !words.includes('list')) buildShop();
await runBundled(
  { main: 'experiments/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  { outdir: 'dist/experiments', version: 'experiment', flags: ['--enable-source-maps'] },
);
