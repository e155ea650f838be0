import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isServiceName } from '@bulkhead/contracts/services';
import { isClaimed } from '@bulkhead/database/directory-claim';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { LocalConfig } from './config';
import { launchService } from './local/service-process';
import { stopOnSignal } from './local/stop-on-signal';

/** `npm run services -- order`: starts one service again, with the environment it had under `npm run services`. */
export async function runOneProcess(name: string): Promise<void> {
  if (!isServiceName(name)) throw new ConfigError(`There is no service ${name}.`);
  const { DATA_DIR } = loadConfig(LocalConfig, process.env);
  const text = await readFile(join(resolve(DATA_DIR), 'processes', `${name}.json`), 'utf8').catch(
    () => undefined,
  );
  if (text === undefined)
    throw new ConfigError('The services have never run here; start them with npm run services.');
  // Their database, broker, provider and mailbox go with them.
  if (!(await isClaimed(resolve(DATA_DIR))))
    throw new ConfigError('The services do not run here; start them with npm run services.');
  const service = launchService(name, JSON.parse(text) as Record<string, string>);
  stopOnSignal(() => service.stop(20_000), 20_000);
  const how = await service.ended;
  process.exitCode = typeof how === 'number' ? how : 1;
}
