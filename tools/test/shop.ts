/** The built shop as a process of its own, for whoever looks at it from outside. */
import path from 'node:path';
import type * as Client from '@bulkhead/app/acceptance/src/client';
import { root, runtime, shopEnvironment } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { nodeFlags } from '../shop/launch.ts';
import { freePort, type Processes, until } from './processes.ts';

interface ShopOptions {
  readonly command: 'monolith' | 'services';
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it was built, unless it was in this one. */
  readonly workspace?: string;
  /** What starts it, instead of its bundle with the command. */
  readonly program?: readonly string[];
}

/**
 * On free ports, with limits out of the way of a client that is many people. The example products and their stock are created
 * after the shop is up, and waited for.
 * @returns the address of the shop, what it wrote, and ways to start one of its services again and to stop it
 * @throws Error with the end of what the shop said, when it ends or is not up in time
 */
export const startShop = async (processes: Processes, options: ShopOptions) => {
  const { command, dataDir, environment = {}, workspace = root, program } = options;
  const env = {
    ...shopEnvironment(),
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    ADMIN_PORT: String(await freePort()),
    RATE_LIMITS: 'off',
    AUTH_FREE_ATTEMPTS_PER_ADDRESS: '1000000',
    ...environment,
  };
  const bundle = path.join(workspace, 'dist/apps/monolith/main.js');
  const start = (words: readonly string[]) => processes.start(runtime(), words, env, { cwd: workspace });
  const ofBundle = (...words: string[]) => [...nodeFlags, bundle, ...words];
  const shop = start(program ?? ofBundle(command));
  const isUp = () => /Bulkhead is up at/.test(shop.output);
  const hasEnded = shop.ended.then(() => Promise.reject(new Error('the shop ended')));
  await Promise.race([until('the shop is up', isUp), hasEnded]).catch((error: Error) => {
    throw new Error(`${error.message}:\n${shop.output.slice(-4_000)}`);
  });
  const origin = `http://127.0.0.1:${env.PORT}`;
  const { createShopClient, plentifulProduct } = await load<typeof Client>('apps/acceptance/src/client.ts');
  await until('something can be bought', () => plentifulProduct(createShopClient(origin)));
  return {
    origin,
    startAgain: (name: string) => start(ofBundle('services', name)),
    /** The end of what it wrote. */
    output: () => shop.output,
    async stop(): Promise<void> {
      shop.kill('SIGTERM');
      await shop.ended;
    },
  };
};
