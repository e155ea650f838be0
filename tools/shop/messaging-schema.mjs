/** What a service's database must hold for libs/messaging, in versions that are never edited: libs/messaging/sql. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const folder = path.join('libs', 'messaging', 'sql');

/** @returns {{ file: string, sql: string }[]} all versions, the oldest first */
const versions = () =>
  readdirSync(path.join(root, folder))
    .filter((name) => /^\d+-.*\.sql$/.test(name))
    .sort((one, other) => Number.parseInt(one) - Number.parseInt(other))
    .map((name) => ({
      file: path.posix.join('libs/messaging/sql', name),
      sql: readFileSync(path.join(root, folder, name), 'utf8').trim(),
    }));

/** Comments may be reworded. */
const statementsOf = (sql) =>
  sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/**
 * The versions that a service's migrations do not contain, the oldest first; none for a schema without an outbox.
 * @param {{ migrationsDir: string, schemaPath: string }} service
 */
export const missingVersions = ({ migrationsDir, schemaPath }) => {
  if (!/^model Outbox \{/m.test(readFileSync(schemaPath, 'utf8'))) return [];
  const names = existsSync(migrationsDir) ? readdirSync(migrationsDir) : [];
  const migrations = names
    .map((name) => path.join(migrationsDir, name, 'migration.sql'))
    .filter((file) => existsSync(file))
    .map((file) => statementsOf(readFileSync(file, 'utf8')));
  return versions().filter(({ sql }) => !migrations.some((each) => each.includes(statementsOf(sql))));
};
