/** `npm run load -- SCENARIO [--url URL] …`: loads a running shop. See load/README.md. */
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const { runBundled } = await import('./run-bundled.mjs');
await runBundled('load/main.ts', 'dist/load/load.js');
