/** The built shop, for whoever looks at its signals. */
import path from 'node:path';
import { root, runtime } from '../install.mjs';
import { shopEnvironment } from '../build-shop.mjs';
import { freePort, until } from './processes.mjs';

export const adminToken = 'a-token-for-this-run-only';
const bundle = path.join(root, 'dist/apps/monolith/main.js');

/**
 * @param processes of createProcesses
 * @param {{ command: 'monolith' | 'services', dataDir: string, environment?: Record<string, string> }} options
 * @returns the address of the shop, and a way to start one of its services again
 */
export const startShop = async (processes, { command, dataDir, environment = {} }) => {
  const env = {
    ...shopEnvironment(),
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    ADMIN_PORT: String(await freePort()),
    RATE_LIMITS: 'off',
    AUTH_FREE_ATTEMPTS_PER_ADDRESS: '100000',
    FAULTS: 'on',
    ADMIN_TOKEN: adminToken,
    TRACES_RATIO: '1',
    ...environment,
  };
  const shop = processes.start(runtime(), [bundle, command], env);
  await until('the shop is up', () => /Bulkhead is up at/.test(shop.output)).catch((error) => {
    throw new Error(`${error.message}:\n${shop.output}`);
  });
  return {
    origin: `http://127.0.0.1:${env.PORT}`,
    startAgain: (name) => processes.start(runtime(), [bundle, 'services', name], env),
  };
};
