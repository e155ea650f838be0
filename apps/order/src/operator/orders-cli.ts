import { events } from '@bulkhead/contracts/events';
import { createDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import { createSagaStore } from '../saga/saga-store';
import { runOrdersCommand, UsageError } from './orders-command';

/** `npm run orders` on the database that DATABASE_URL names. @returns the exit code */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const url = environment['DATABASE_URL'];
  if (!url) {
    process.stderr.write('DATABASE_URL must be the URL of the database of order.\n');
    return 2;
  }
  const database = createDatabase({ url, applicationName: 'orders-command', poolSize: 1, clock });
  // The relay of a running order service finds the events at its next look.
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
    await database.close();
  }
}
