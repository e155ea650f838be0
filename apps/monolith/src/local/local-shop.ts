import { resolve } from 'node:path';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { LocalConfig } from '../config';
import { openDataFolder } from './data-folder';
import { stopOnSignal } from './stop-on-signal';

export interface LocalShop {
  readonly config: LocalConfig;
  /** Everything that is kept; nobody else uses it meanwhile. */
  readonly dataDir: string;
  /** How each part that has been started is stopped: called in the reverse order. */
  readonly undo: (() => Promise<void>)[];
}

/**
 * Starts a shop on this machine. What has been started of it is stopped when the rest cannot be, or by a signal, which
 * ends the process.
 * @param fresh begin anew: what was kept is removed
 * @param graceMs for requests that are being answered when a signal comes
 * @throws ConfigError for a shop in production, and whatever `start` throws
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
