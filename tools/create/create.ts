/** `npm run create -- FOLDER`: what `npx create-bulkhead` does from its package, from the work tree as it is. */
import type * as Create from '../../libs/create-bulkhead/src/main';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';

const { main } = await load<typeof Create>('libs/create-bulkhead/src/main.ts');
const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
process.exitCode = await main(process.argv.slice(2), { checkout: root }, isTerminal);
