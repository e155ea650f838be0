import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { runDeadLettersCommand, usage, UsageError } from './dead-letters-command';
import { createDeadLetterTable } from './inprocess/delivery-table';
import { createRabbitMqTransport } from './rabbitmq/rabbitmq-transport';
import type { DeadLetters } from './transport';

/** Entry point of `npm run deadletters`. */
async function main(): Promise<number> {
  const { args, databaseUrl } = parse(process.argv.slice(2));
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const opened = open(databaseUrl);
  if (!opened) {
    process.stderr.write(`neither RABBITMQ_URL nor --database-url is given\n${usage}\n`);
    return 2;
  }
  try {
    const groups = Object.values(subscriptions).map(({ group }) => group);
    await runDeadLettersCommand(args, { deadLetters: opened.deadLetters, groups, print });
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await opened.close();
  }
}

function parse(given: readonly string[]): { args: string[]; databaseUrl: string | undefined } {
  const args = [...given];
  const at = args.indexOf('--database-url');
  if (at === -1) return { args, databaseUrl: undefined };
  const [, databaseUrl] = args.splice(at, 2);
  return { args, databaseUrl };
}

function open(
  databaseUrl: string | undefined,
): { deadLetters: DeadLetters; close(): Promise<void> } | undefined {
  if (databaseUrl !== undefined) {
    const database = createDatabase({ url: databaseUrl, applicationName: 'deadletters', poolSize: 1 });
    return { deadLetters: createDeadLetterTable(() => database), close: () => database.close() };
  }
  const url = process.env['RABBITMQ_URL'];
  if (url === undefined || url === '') return undefined;
  return createRabbitMqTransport({
    url,
    // The command declares nothing: it works on queues that are there.
    declareTopology: false,
    service: 'gateway',
    subscriptions: Object.values(subscriptions),
    clock: systemClock,
  });
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  },
);
