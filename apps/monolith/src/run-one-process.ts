import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isServiceName } from '@bulkhead/contracts/services';
import { claimHolder, isAlive } from '@bulkhead/development/directory-claim';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { LocalConfig } from './config';
import { launchService } from './local/service-process';
import { stopOnSignal } from './local/stop-on-signal';

const graceMs = 20_000;
/** Polling interval for the shop that the service belongs to. */
const lookEveryMs = 1_000;

/**
 * `npm run services -- order`: restarts one service in the environment it had under `npm run services`, and ends it
 * with that shop.
 */
export async function runOneProcess(name: string): Promise<void> {
  if (!isServiceName(name)) throw new ConfigError(`There is no service ${name}.`);
  const { DATA_DIR } = loadConfig(LocalConfig, process.env);
  const text = await readFile(join(resolve(DATA_DIR), 'processes', `${name}.json`), 'utf8').catch(
    () => undefined,
  );
  if (text === undefined)
    throw new ConfigError('The services have never run here; start them with npm run services.');
  // The shop's database, broker, provider and mailbox end with it.
  const shop = await claimHolder(resolve(DATA_DIR));
  if (!shop) throw new ConfigError('The services do not run here; start them with npm run services.');
  const service = launchService(name, JSON.parse(text) as Record<string, string>);
  stopOnSignal(() => service.stop(graceMs), graceMs);
  const looking = setInterval(() => {
    void isAlive(shop).then((alive) => {
      if (alive) return;
      clearInterval(looking);
      process.stdout.write(`The other services have ended, and so does ${name}.\n`);
      return service.stop(graceMs);
    });
  }, lookEveryMs);
  const how = await service.ended;
  clearInterval(looking);
  process.exitCode = typeof how === 'number' ? how : 1;
}
