import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isServiceName, type ServiceName } from '@bulkhead/contracts/services';
import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { runMigrationCommand } from '@bulkhead/service/runtime/migration-command';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { LocalConfig } from './config';
import { definitions } from './definitions';
import { placesFile, ShopPlaces } from './local/places';
import { loadLocalSecrets } from './local/secrets';

/**
 * `npm run migrate -- [SERVICE] [status | resolve NAME applied|rolled-back]`: migrates the databases of the shop that
 * runs in the data folder, or the database of SERVICE at MIGRATION_DATABASE_URL. Without a service, all of them.
 */
export async function runMigrations(words: readonly string[]): Promise<void> {
  const [first, ...rest] = words;
  const isNamed = first !== undefined && isServiceName(first);
  const [verb, ...more] = isNamed ? rest : words;
  const chosen = definitions.filter(({ name, database }) => database && (!isNamed || name === first));
  if (chosen.length === 0) throw new ConfigError(`${first} has no database.`);
  if (!isNamed && (verb === 'resolve' || process.env['MIGRATION_DATABASE_URL']))
    throw new ConfigError('Name a service: npm run migrate -- SERVICE …');
  for (const definition of chosen) {
    if (verb === 'status') process.stdout.write(`${definition.name}\n`);
    const code = await runMigrationCommand(definition, [...(verb ? [verb] : []), ...more], {
      ...process.env,
      MIGRATION_DATABASE_URL: process.env['MIGRATION_DATABASE_URL'] ?? (await ownerUrl(definition)),
      MIGRATIONS_DIR: join(__dirname, 'migrations', definition.name),
    });
    if (code !== 0) {
      process.exitCode = code;
      return;
    }
  }
}

async function ownerUrl({ name }: ServiceDefinition): Promise<string> {
  const dataDir = resolve(loadConfig(LocalConfig, process.env).DATA_DIR);
  const text = await readFile(join(dataDir, placesFile), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new ConfigError('No shop has run here; start one, or set MIGRATION_DATABASE_URL.');
  const appUrl = ShopPlaces.parse(JSON.parse(text)).databases[name];
  const { databaseRoles } = await loadLocalSecrets(dataDir);
  if (appUrl === undefined) throw new ConfigError(`The shop that ran here has no database of ${name}.`);
  return asOwner(appUrl, name, databaseRoles[name]!.owner);
}

function asOwner(appUrl: string, service: ServiceName, password: string): string {
  const url = new URL(appUrl);
  url.username = `${service}_owner`;
  url.password = password;
  return url.href;
}
