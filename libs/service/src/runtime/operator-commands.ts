import { parseArgs } from 'node:util';
import { events } from '@bulkhead/contracts/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createDatabase } from '@bulkhead/database/pool';
import { runDeadLettersProgram } from '@bulkhead/messaging/dead-letters-program';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { parseResend, type Resend, resendTo, sendersTo } from '@bulkhead/messaging/resend-command';
import { systemClock } from '@bulkhead/resilience/clock';
import type { Environment } from '../config';
import { loadServers, withServiceServers } from '../server-url';
import { runPreflight } from '../preflight/preflight-command';
import type { OperatorCommand, ServiceDefinition } from '../service';
import { DatabaseConfig } from './base-config';
import { brokerLogins } from './broker-logins';
import { readDatabaseLogins } from './database-logins';
import { runMigrationCommand } from './migration-command';

/**
 * Operator commands in a service's image, run beside the service or in its pod: `main.js NAME …`. Each works on the
 * service's own data, with the service's configuration.
 */
export function operatorCommands(definition: ServiceDefinition): ReadonlyMap<string, OperatorCommand> {
  const { name, database, commands = {} } = definition;
  const ofDatabase: Record<string, OperatorCommand> = {
    migrate: (args, environment) => runMigrationCommand(definition, args, environment),
  };
  const groups = ownGroups(name);
  return new Map(
    Object.entries<OperatorCommand>({
      preflight: (args, environment) => runPreflight(definition, args, environment),
      ...(database ? ofDatabase : {}),
      ...([...events.values()].some(({ source }) => source === name)
        ? { resend: (args, environment) => resend(definition, args, environment) }
        : {}),
      ...(groups.length > 0
        ? { deadletters: (args, environment) => deadLetters(definition, groups, args, environment) }
        : {}),
      ...commands,
    }),
  );
}

const ownGroups = (service: string) =>
  Object.values(subscriptions)
    .filter((subscription) => subscription.service === service)
    .map(({ group }) => group);

/** Dead letters of the service's own groups: its broker user may read no others. */
function deadLetters(
  { name }: ServiceDefinition,
  groups: readonly string[],
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const config = loadServers(
    DatabaseConfig.pick({
      RABBITMQ_URL: true,
      RABBITMQ_CA: true,
      RABBITMQ_CERT: true,
      RABBITMQ_KEY: true,
      RABBITMQ_PREFIX: true,
    }),
    environment,
    withServiceServers,
  );
  const transport = createRabbitMqTransport({
    ...brokerLogins(config),
    ...(config.RABBITMQ_PREFIX === undefined ? {} : { prefix: config.RABBITMQ_PREFIX }),
    service: name,
    subscriptions: Object.values(subscriptions),
    // The queues exist already; only the service declares them.
    topology: 'none',
    clock: systemClock,
  });
  return runDeadLettersProgram(args, {
    deadLetters: transport.deadLetters,
    groups,
    close: () => transport.close(),
  });
}

/** `resend READER --since TIME`: sends events of this service again after the database of READER was restored. */
async function resend(
  { name }: ServiceDefinition,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  let wanted: Resend;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { since: { type: 'string' } },
    });
    wanted = parseResend(positionals[0], values.since);
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nusage: resend SERVICE --since TIME   (of the backup that SERVICE was restored from)\n`,
    );
    return 2;
  }
  const senders = sendersTo(wanted.reader);
  if (!senders.has(name)) {
    process.stderr.write(
      `${wanted.reader} hears nothing from ${name}; it hears from ${[...senders].join(', ') || 'nobody'}.\n`,
    );
    return 2;
  }
  const url = readDatabaseLogins(environment);
  const database = createDatabase({ url, applicationName: 'resend', poolSize: 1 });
  try {
    process.stdout.write(`${await resendTo(wanted, name, database)}\n`);
    return 0;
  } finally {
    await database.close();
  }
}
