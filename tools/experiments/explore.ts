/** `npm run explore -- --seed N --histories N`: plays histories of orders against the state machines. See docs/invariants.md. */
import { runBundled } from '../build/run-bundled.ts';

await runBundled(
  { main: 'experiments/explore/main.ts' },
  { outdir: 'dist/explore', version: 'experiment', flags: ['--enable-source-maps'] },
);
