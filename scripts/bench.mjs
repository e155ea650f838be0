/** `npm run bench [-- NAME …] [--gate] [--smoke]`: bundles the bench and runs it. See bench/README.md. */
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const { runBundled } = await import('./run-bundled.mjs');
await runBundled('bench/main.ts', 'dist/bench/bench.js');
