import { join } from 'node:path';
import { migrate, MigrationError, migrationStatus, resolveMigration } from '@bulkhead/database/migrate';
import { withClient } from '@bulkhead/database/admin-client';
import { z } from 'zod';
import { type Environment, integer, url } from '../config';
import { type Secret, secret } from '../secret';
import { loadServers, refusePlaintext, withDatabaseUrl, withServiceServers } from '../server-url';
import type { ServiceDefinition } from '../service';
import { DatabaseConfig } from './base-config';

/** Location of a bundle's migrations: beside it. `MIGRATIONS_DIR` overrides it. */
export const migrationsFolder = (environment: Environment = process.env): string =>
  environment['MIGRATIONS_DIR'] ?? join(__dirname, 'migrations');

const MigrationConfig = z.object({
  MIGRATION_DATABASE_URL: secret(url('postgres', 'postgresql')).describe(
    'the service’s own database, as its owner role',
  ),
  MIGRATION_WAIT_MS: integer(0, 3_600_000)
    .default(0)
    .describe('ms to wait for a database that is being set up at the same time'),
});

/** @throws ConfigError */
function loadMigrationConfig(environment: Environment): z.output<typeof MigrationConfig> {
  const config = loadServers(MigrationConfig, environment, (given) =>
    withDatabaseUrl('MIGRATION_DATABASE', given),
  );
  refusePlaintext(environment, { MIGRATION_DATABASE_URL: config.MIGRATION_DATABASE_URL });
  return config;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `migrate`, `migrate status`, `migrate resolve NAME applied|rolled-back`.
 * @returns the exit code: 1 when a migration failed, 2 for invalid arguments
 */
export async function runMigrationCommand(
  definition: ServiceDefinition,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const [verb, name, as] = words;
  const migrationsDir = migrationsFolder(environment);
  if (verb === 'status')
    return showStatus({ url: await acceptedLogin(anyLogins(environment), 0), migrationsDir });
  const config = loadMigrationConfig(environment);
  const url = await acceptedLogin(config.MIGRATION_DATABASE_URL, config.MIGRATION_WAIT_MS);
  const options = { url, migrationsDir };
  try {
    if (verb === undefined) {
      const applied = await migrate({
        ...options,
        onWaiting: () => say(`${definition.name}: another runner is migrating; waiting for it`),
      });
      say(
        applied.length === 0
          ? `${definition.name}: up to date`
          : `${definition.name}: applied ${applied.join(', ')}`,
      );
      return 0;
    }
    if (verb === 'resolve' && name && (as === 'applied' || as === 'rolled-back')) {
      await resolveMigration({ ...options, name, as });
      return 0;
    }
    process.stderr.write('usage: migrate [status | resolve NAME applied|rolled-back]\n');
    return 2;
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    process.stderr.write(`${definition.name}: ${error.message}\n`);
    return 1;
  }
}

async function showStatus(options: Parameters<typeof migrationStatus>[0]): Promise<number> {
  for (const { name, state, error } of await migrationStatus(options))
    say(`${state.padEnd(8)} ${name}${error ? `: ${error}` : ''}`);
  return 0;
}

/** For the status, the service's role is enough, which is the one its pods have. */
function anyLogins(environment: Environment): Secret {
  if (Object.entries(environment).some(([name, value]) => value && name.startsWith('MIGRATION_DATABASE_')))
    return loadMigrationConfig(environment).MIGRATION_DATABASE_URL;
  return loadServers(DatabaseConfig.pick({ DATABASE_URL: true }), environment, withServiceServers)
    .DATABASE_URL;
}

const askEveryMs = 1_000;

/**
 * Credentials with which the owner role can log in; polls until there are some, or the time is over. Without any,
 * returns the first given ones, so that the migration reports the error.
 */
async function acceptedLogin(logins: Secret, waitMs: number): Promise<string> {
  const until = Date.now() + waitMs;
  for (;;) {
    const isLast = Date.now() + askEveryMs >= until;
    const [first, ...others] = logins.values;
    if (isLast && others.length === 0) return first;
    for (const login of [first, ...others])
      if (await withClient(login, (client) => client.query('select 1')).catch(() => undefined)) return login;
    if (isLast) return first;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}
