/** `npm run reconcile`: compares what services know of each other after one was restored. See docs/restore.md. */
import { load } from '../build/load.mjs';

const { main } = await load('experiments/invariants/reconcile.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error) => {
  console.error(error.message);
  return 1;
});
