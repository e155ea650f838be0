/** What a service's database must hold for libs/messaging, in versions that are never edited: libs/messaging/sql. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const folder = path.join('libs', 'messaging', 'sql');

interface Version {
  readonly file: string;
  readonly sql: string;
}

/** @returns all versions, the oldest first */
const versions = (): Version[] =>
  readdirSync(path.join(root, folder))
    .filter((name) => /^\d+-.*\.sql$/.test(name))
    .sort((one, other) => Number.parseInt(one) - Number.parseInt(other))
    .map((name) => ({
      file: path.posix.join('libs/messaging/sql', name),
      sql: readFileSync(path.join(root, folder, name), 'utf8').trim(),
    }));

/** Comments may be reworded. */
const statementsOf = (sql: string): string =>
  sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The versions that a service's migrations do not contain, the oldest first; none for a schema without an outbox. */
export const missingVersions = ({
  migrationsDir,
  schemaPath,
}: {
  readonly migrationsDir: string;
  readonly schemaPath: string;
}): Version[] => {
  if (!/^model Outbox \{/m.test(readFileSync(schemaPath, 'utf8'))) return [];
  const names = existsSync(migrationsDir) ? readdirSync(migrationsDir) : [];
  const migrations = names
    .map((name) => path.join(migrationsDir, name, 'migration.sql'))
    .filter((file) => existsSync(file))
    .map((file) => statementsOf(readFileSync(file, 'utf8')));
  return versions().filter(({ sql }) => !migrations.some((each) => each.includes(statementsOf(sql))));
};
