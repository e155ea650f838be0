/** `npm run capacity [-- --write | --model] [--daily N] [--concurrent N]`: see docs/capacity.md. */
import { buildShop } from '../build/build-shop.ts';
import { runBundled } from '../build/run-bundled.ts';

// It starts the shop's own bundles.
if (!process.argv.includes('--model')) buildShop();
await runBundled({ capacity: 'load/capacity/main.ts' }, { outdir: 'dist/load', version: 'bench' });
