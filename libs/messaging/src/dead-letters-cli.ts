import { readFileSync } from 'node:fs';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { usage } from './dead-letters-command';
import { runDeadLettersProgram } from './dead-letters-program';
import { createDeadLetterTable } from './inprocess/delivery-table';
import { explainBrokerFailure } from './rabbitmq/broker-failure';
import { createRabbitMqTransport } from './rabbitmq/rabbitmq-transport';
import type { DeadLetters } from './transport';

/** Entry point of `npm run deadletters`. */
async function main(): Promise<number> {
  const { args, databaseUrl } = parse(process.argv.slice(2));
  const opened = open(databaseUrl);
  if (!opened) {
    process.stderr.write(
      `neither RABBITMQ_URL nor --database-url is given\n${usage}\n` +
        'Works on the broker at RABBITMQ_URL (RABBITMQ_CA, RABBITMQ_PREFIX as for the services); with --database-url <url>, on the in-process queues in that database.\n',
    );
    return 2;
  }
  const groups = Object.values(subscriptions).map(({ group }) => group);
  return runDeadLettersProgram(args, { ...opened, groups });
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
): { deadLetters: DeadLetters; failure?(): string | undefined; close(): Promise<void> } | undefined {
  if (databaseUrl !== undefined) {
    const database = createDatabase({ url: databaseUrl, applicationName: 'deadletters', poolSize: 1 });
    return { deadLetters: createDeadLetterTable(() => database), close: () => database.close() };
  }
  const url = setting('RABBITMQ_URL');
  if (url === undefined) return undefined;
  const ca = setting('RABBITMQ_CA');
  const prefix = setting('RABBITMQ_PREFIX');
  let failure: string | undefined;
  const { deadLetters, close } = createRabbitMqTransport({
    url,
    ...(ca !== undefined && { ca }),
    ...(prefix !== undefined && { prefix }),
    // The command declares nothing: it works on existing queues.
    topology: 'none',
    service: 'gateway',
    subscriptions: Object.values(subscriptions),
    clock: systemClock,
    observer: {
      connection({ state, host, error }) {
        if (state === 'up') failure = undefined;
        if (state !== 'down') return;
        const { reason, variable } = explainBrokerFailure(error);
        failure = `${host ?? 'its address'}: ${reason}${variable ? ` (see ${variable})` : ''}`;
      },
    },
  });
  return { deadLetters, close, failure: () => failure };
}

/** As for the services: the variable, or the file that `<NAME>_FILE` names. Empty counts as unset. */
function setting(name: string): string | undefined {
  const file = process.env[`${name}_FILE`];
  const value = file ? readFileSync(file, 'utf8').trim() : process.env[name];
  return value === '' ? undefined : value;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  },
);
