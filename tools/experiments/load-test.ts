/** `npm run load -- SCENARIO [--url URL] …`: loads a running shop. See load/README.md. */
import { runBundled } from '../build/run-bundled.ts';

await runBundled({ load: 'load/main.ts' }, { outdir: 'dist/load', version: 'bench' });
