/** `npm run test:rotation`: every secret of a shop of processes is rotated while people buy, as docs/rotation.md says. */
import { buildShop } from '../build/build-shop.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';

ensureInstalled();
buildShop();
const { runBundled } = await import('../build/run-bundled.ts');
await runBundled(
  { main: 'experiments/rotation/main.ts' },
  { outdir: 'dist/rotation', version: 'experiment', flags: ['--enable-source-maps'] },
);
