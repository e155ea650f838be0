import { events } from '@bulkhead/contracts/events';
import { createDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import type { Environment } from '@bulkhead/service/config';
import { randomIds as ids } from '@bulkhead/service/ids';
import { readDatabaseLogins } from '@bulkhead/service/runtime/database-logins';
import { orderDatabase } from '../database';
import { createSagaStore } from '../saga/saga-store';
import { runOrdersCommand, UsageError } from './orders-command';

/**
 * `main.js orders …` of the image, and `npm run orders`: works on the database that DATABASE_URL names.
 * @returns the exit code
 * @throws ConfigError without a DATABASE_URL
 */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  const url = readDatabaseLogins(environment);
  const pool = createDatabase({ url, applicationName: 'orders-command', poolSize: 1, clock });
  const database = orderDatabase(pool);
  // The relay of a running order service finds the events when it polls next.
  const outbox = createOutbox({ catalog: events, source: 'order', clock, ids, wake: () => undefined });
  try {
    await runOrdersCommand(args, {
      database,
      store: createSagaStore(outbox, () => 0),
      print: (line) => void process.stdout.write(`${line}\n`),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  } finally {
    await database.prisma.$disconnect();
    await pool.close();
  }
}
