import type { ServiceName } from '@bulkhead/contracts/services';
import { compareServices } from '@bulkhead/invariants/compare-services';
import { openShop } from '@bulkhead/invariants/open-shop';
import { ConfigError, integer, loadConfig } from '@bulkhead/service/config';
import { readDatabaseLogins } from '@bulkhead/service/runtime/database-logins';
import { ServicesConfig } from '../services/config';
import { environmentOf } from '../services/mounted';

const ReconcileConfig = ServicesConfig.extend({
  WAIT_MS: integer(0, 3_600_000).default(30_000).describe('ms to wait for the shop to come to rest'),
});

/**
 * `reconcile`: compares what the services know of each other, in their databases, and says what mends it where they
 * disagree; after one of them was restored. Writes nothing. The same as `npm run reconcile`, without a clone.
 * @throws DisagreementError
 */
export async function reconcile(environment: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(ReconcileConfig, environment);
  const { NODE_ENV } = environment;
  const databases = Object.fromEntries(
    config.SERVICES.map((name) => [name, readDatabaseLogins({ NODE_ENV, ...environmentOf(name, config) })]),
  ) as Partial<Record<ServiceName, ReturnType<typeof readDatabaseLogins>>>;
  if (config.SERVICES.length === 0) throw new ConfigError('SERVICES names no service.');
  // What waits in queues is in the outboxes and not in the inboxes, which are compared; a service's own broker user may
  // not look into the queues of others.
  const shop = { ...openShop({ databases }), queues: async () => [], deadLetters: async () => [] };
  try {
    const { agree, text } = await compareServices(shop, config.WAIT_MS);
    process.stdout.write(`${text}\n`);
    if (!agree) throw new Disagreement('The services disagree; nothing was changed.');
  } finally {
    await shop.close();
  }
}

/** What was found, and no fault of the program's. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}
