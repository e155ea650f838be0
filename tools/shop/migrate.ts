/** `npm run migrate -- [SERVICE] [status | resolve NAME applied|rolled-back]`: migrations of a shop's databases. */
import { buildShop } from '../build/build-shop.ts';
import { runProgram } from '../bootstrap/run-program.mjs';

buildShop(['monolith']);
await runProgram('dist/apps/monolith/main.js', {
  flags: ['--enable-source-maps'],
  words: ['migrate', ...process.argv.slice(2)],
});
