/** `npm run invariants`: reads all that a shop keeps and checks what must be true of it. See docs/invariants.md. */
import { load } from '../build/load.mjs';

const { main } = await load('experiments/invariants/main.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error) => {
  console.error(error.message);
  return 1;
});
