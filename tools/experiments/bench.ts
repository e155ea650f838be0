/** `npm run bench [-- NAME …] [--gate] [--smoke]`: bundles the bench and runs it. See bench/README.md. */
import { buildShop } from '../build/build-shop.ts';
import { runBundled } from '../build/run-bundled.ts';

// The memory of the shop is that of its bundles.
buildShop();
await runBundled({ bench: 'bench/main.ts' }, { outdir: 'dist/bench', version: 'bench' });
