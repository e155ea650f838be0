/** `npm run chaos -- --seed N --minutes M`: builds the shop and breaks it at random. See docs/invariants.md. */
import { buildShop } from '../build/build-shop.ts';
import { runBundled } from '../build/run-bundled.ts';

if (!process.argv.includes('--plan')) buildShop();
await runBundled(
  { main: 'experiments/chaos/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  { outdir: 'dist/chaos', version: 'experiment', flags: ['--enable-source-maps'] },
);
