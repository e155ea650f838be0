/** `npm run reconcile`: compares what services know of each other after one was restored. See docs/restore.md. */
import type * as Command from '@bulkhead/invariants/reconcile';
import { load } from '../build/load.ts';

const { main } = await load<typeof Command>('experiments/invariants/reconcile.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error: Error) => {
  console.error(error.message);
  return 1;
});
