/** `npm run invariants`: reads all that a shop keeps and checks what must be true of it. See docs/invariants.md. */
import type * as Command from '@bulkhead/invariants/main';
import { load } from '../build/load.ts';

const { main } = await load<typeof Command>('experiments/invariants/main.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error: Error) => {
  console.error(error.message);
  return 1;
});
