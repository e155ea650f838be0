/** The built shop as a process of its own, for whoever looks at it from outside. */
import path from 'node:path';
import { shopEnvironment } from './build-shop.mjs';
import { root, runtime } from './install.mjs';
import { nodeFlags } from './launch.mjs';
import { freePort, until } from './processes.mjs';

const bundle = path.join(root, 'dist/apps/monolith/main.js');

/**
 * On free ports, with limits out of the way of a client that is many people.
 * @param processes of createProcesses
 * @param {{ command: 'monolith' | 'services', dataDir: string, environment?: Record<string, string> }} options
 * @returns the address of the shop, what it wrote, and a way to start one of its services again
 * @throws Error with what the shop said, when it ends or is not up in time
 */
export const startShop = async (processes, { command, dataDir, environment = {} }) => {
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
  const start = (...words) => processes.start(runtime(), [...nodeFlags, bundle, ...words], env);
  const shop = start(command);
  const isUp = () => /Bulkhead is up at/.test(shop.output);
  const hasEnded = shop.ended.then(() => Promise.reject(new Error('the shop ended')));
  await Promise.race([until('the shop is up', isUp), hasEnded]).catch((error) => {
    throw new Error(`${error.message}:\n${shop.output}`);
  });
  return {
    origin: `http://127.0.0.1:${env.PORT}`,
    startAgain: (name) => start('services', name),
    /** The end of what it wrote. */
    output: () => shop.output,
  };
};
