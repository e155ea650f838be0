import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assertNoDrift } from '@bulkhead/testing/drift';
import { createTestDatabase } from '@bulkhead/testing/postgres';
import { migrate } from './migrate';

const root = path.join(__dirname, '../../..');
const prisma = path.join(__dirname, '../prisma');

/** What Prisma's own engine says of the history in a database. */
const diagnose = async (url: string, migrationsDir: string) => {
  const options = JSON.stringify({ url, migrationsDir, schemaPath: path.join(prisma, 'schema.prisma') });
  const code = `
    import { diagnose } from ${JSON.stringify(path.join(root, 'scripts/schema-engine.mjs'))};
    console.log(JSON.stringify(await diagnose(${options})));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  return JSON.parse(stdout) as Record<string, unknown>;
};

it('leaves a history that Prisma reads as its own', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-history-'));
  const migrationsDir = path.join(folder, 'migrations');
  await cp(path.join(prisma, 'migrations'), migrationsDir, { recursive: true });
  const test = await createTestDatabase();
  expect(await diagnose(test.ownerUrl, migrationsDir)).toMatchObject({
    hasMigrationsTable: false,
    history: { diagnostic: 'databaseIsBehind' },
  });
  await migrate({ url: test.ownerUrl, migrationsDir });
  const inOrder = {
    hasMigrationsTable: true,
    history: null,
    failedMigrationNames: [],
    editedMigrationNames: [],
  };
  expect(await diagnose(test.ownerUrl, migrationsDir)).toMatchObject(inOrder);

  const edited = path.join(migrationsDir, '20260101000000_shelves/migration.sql');
  await writeFile(edited, `${await readFile(edited, 'utf8')}-- edited\n`);
  expect(await diagnose(test.ownerUrl, migrationsDir)).toMatchObject({
    editedMigrationNames: ['20260101000000_shelves'],
  });
  await test.drop();
  await rm(folder, { recursive: true });
}, 60_000);

it('finds no difference between the migrations and the schema, and names one that is made', async () => {
  await assertNoDrift('libs/database');
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-drift-'));
  await cp(prisma, path.join(folder, 'prisma'), { recursive: true });
  const schema = path.join(folder, 'prisma/schema.prisma');
  await writeFile(
    schema,
    (await readFile(schema, 'utf8')).replace('label String', 'colour String?\n label String'),
  );
  await expect(assertNoDrift(folder)).rejects.toThrow('ADD COLUMN     "colour" TEXT');
  await rm(folder, { recursive: true });
}, 60_000);
