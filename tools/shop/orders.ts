/** `npm run orders -- list|stuck|retry|resolve`: what to do with orders that cannot help themselves. */
import type * as Command from '@bulkhead/app/order/src/operator/orders-cli';
import { load } from '../build/load.ts';

const { main } = await load<typeof Command>('apps/order/src/operator/orders-cli.ts');
process.exitCode = await main(process.argv.slice(2), process.env).catch((error: Error) => {
  if (error.name !== 'ConfigError') throw error;
  console.error(error.message);
  return 2;
});
