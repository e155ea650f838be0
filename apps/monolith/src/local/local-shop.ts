import { resolve } from 'node:path';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { LocalConfig } from '../config';
import { openDataFolder } from './data-folder';
import { stopOnSignal } from './stop-on-signal';

export interface LocalShop {
  readonly config: LocalConfig;
  /** The data folder; it is locked meanwhile. */
  readonly dataDir: string;
  /** The stop functions of the parts that have been started, called in reverse order. */
  readonly undo: (() => Promise<void>)[];
}

/**
 * Starts a shop on this machine. If a part fails to start, or on a signal, which ends the process, everything that was
 * started is stopped.
 * @param fresh start from scratch: existing data is deleted
 * @param graceMs time for requests in flight when a signal arrives
 * @throws ConfigError for a shop in production, and the errors of `start`
 */
export async function startLocalShop(
  { fresh, graceMs }: { readonly fresh: boolean; readonly graceMs: number },
  start: (shop: LocalShop) => Promise<void>,
): Promise<void> {
  const config = loadConfig(LocalConfig, process.env);
  if (config.NODE_ENV === 'production')
    throw new ConfigError(
      'NODE_ENV is production, but this start makes its own passwords, provider and mailbox; deploy the services instead.',
    );
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  stopOnSignal(stop, graceMs);
  try {
    const folder = await openDataFolder(resolve(config.DATA_DIR), fresh);
    undo.push(() => folder.release());
    await start({ config, dataDir: folder.path, undo });
  } catch (error) {
    await stop();
    throw error;
  }
}
