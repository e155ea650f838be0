/**
 * `npm run migration -- SERVICE NAME` writes the migration that brings SERVICE's migrations up to its schema.prisma.
 * `npm run migration -- --check SERVICE` prints what is missing and exits with 1 if anything is.
 * First comes what libs/messaging needs and the service lacks, as it stands there, then what Prisma finds to be missing. The
 * latter is a draft: read it, and write by hand what the schema language cannot say.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as TestPostgres from '@bulkhead/development/test-postgres';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { missingVersions } from './messaging-schema.ts';
import { missingSql } from './schema-engine.ts';

const usage =
  'Name a service, and the change in lower case, such as order add_notes; or --check and a service.';

const withServer = async (work: (url: string) => Promise<string>): Promise<string> => {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return work(given);
  const { startTestPostgres } = await load<typeof TestPostgres>('libs/development/src/test-postgres.ts');
  const server = await startTestPostgres();
  try {
    return await work(server.adminUrl);
  } finally {
    await server.stop();
  }
};

function fail(sentence: string, status: number): never {
  console.error(sentence);
  process.exit(status);
}

const words = process.argv.slice(2);
const isCheck = words.includes('--check');
const [service, name] = words.filter((word) => word !== '--check');
if (!service || (!isCheck && !/^[a-z0-9_]+$/.test(name ?? ''))) fail(usage, 2);

// A folder may be given instead of a service's name; the tests of the libraries do.
const folder = existsSync(path.join(root, 'apps', service)) ? path.join('apps', service) : service;
const schemaPath = path.resolve(root, folder, 'prisma/schema.prisma');
const migrationsDir = path.resolve(root, folder, 'prisma/migrations');
if (!existsSync(schemaPath)) fail(`there is no ${path.relative(root, schemaPath)}`, 2);

const messaging = missingVersions({ migrationsDir, schemaPath })
  .map(({ file, sql }) => `-- ${file}\n${sql}`)
  .join('\n\n');
const own = await withServer((url) =>
  missingSql({ url, migrationsDir, schemaPath, following: messaging }),
).catch((error: Error) => fail(error.message, 1));
const sql = [messaging, own].filter(Boolean).join('\n\n');
if (isCheck) {
  if (sql) fail(`the migrations of ${service} do not match its schema.prisma; missing:\n${sql}`, 1);
} else if (!sql) {
  console.log('The migrations already match the schema; nothing to write.');
} else {
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const file = path.join(migrationsDir, `${timestamp}_${name}`, 'migration.sql');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${sql.trimEnd()}\n`);
  const lock = path.join(migrationsDir, 'migration_lock.toml');
  if (!existsSync(lock)) writeFileSync(lock, 'provider = "postgresql"\n');
  console.log(path.relative(root, file));
}
