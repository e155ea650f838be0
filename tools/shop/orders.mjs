/** `npm run orders -- list|stuck|retry|resolve`: what to do with orders that cannot help themselves. */
import { load } from '../build/load.mjs';

const { main } = await load('apps/order/src/operator/orders-cli.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error) => {
  if (error.name !== 'ConfigError') throw error;
  console.error(error.message);
  return 2;
});
