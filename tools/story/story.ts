/** `npm run story`: builds both shops and the page that breaks them, and runs them. See docs/story.md. */
import { buildShop } from '../build/build-shop.ts';
import { runBundled } from '../build/run-bundled.ts';

buildShop([], { tells: true });
await runBundled(
  { main: 'experiments/live/main.ts' },
  { outdir: 'dist/story', version: 'experiment', flags: ['--enable-source-maps'] },
);
