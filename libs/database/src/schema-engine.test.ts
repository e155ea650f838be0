import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assertNoDrift } from './testing/drift';
import { createTestDatabase, testServerUrl } from './testing/postgres';
import { withClient } from './admin-client';
import { migrate } from './migrate';

const root = path.join(__dirname, '../../..');
const prisma = path.join(__dirname, '../prisma');

/** What Prisma's own engine says of the history in a database. */
const diagnose = async (url: string, migrationsDir: string) => {
  const options = JSON.stringify({ url, migrationsDir, schemaPath: path.join(prisma, 'schema.prisma') });
  const code = `
    import { diagnose } from ${JSON.stringify(path.join(root, 'tools/shop/schema-engine.ts'))};
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
    (await readFile(schema, 'utf8')).replace('model Shelf {', 'model Shelf {\n colour String?'),
  );
  await expect(assertNoDrift(folder)).rejects.toThrow('ADD COLUMN     "colour" TEXT');
  await rm(folder, { recursive: true });
}, 60_000);

it('begins the migrations of a new service with what messaging needs, and drafts only the rest', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-first-'));
  const models = await readFile(path.join(root, 'libs/messaging/sql/messaging-models.prisma'), 'utf8');
  await mkdir(path.join(folder, 'prisma'));
  await writeFile(
    path.join(folder, 'prisma/schema.prisma'),
    `generator client {\n  provider = "prisma-client"\n  output = "generated"\n}\ndatasource db {\n  provider = "postgresql"\n}\nmodel Wish {\n  id String @id @db.Uuid\n}\n${models}`,
  );
  const script = path.join(root, 'tools/shop/migration.ts');
  const env = { ...process.env, TEST_DATABASE_URL: await testServerUrl() };
  await promisify(execFile)(process.execPath, [script, folder, 'wishes'], { cwd: root, env });
  const migrationsDir = path.join(folder, 'prisma/migrations');
  const written = (await readdir(migrationsDir)).filter((each) => /^\d/.test(each));
  expect(written).toEqual([expect.stringMatching(/_wishes$/)]);
  const sql = await readFile(path.join(migrationsDir, written[0]!, 'migration.sql'), 'utf8');
  expect(sql.match(/^(CREATE (TABLE|FUNCTION) "\w+"|-- libs\/messaging\/sql\/.*)/gm)).toEqual([
    '-- libs/messaging/sql/1-tables.sql',
    ...['outbox', 'inbox', 'delivery', 'dead_letter'].map((table) => `CREATE TABLE "${table}"`),
    '-- libs/messaging/sql/2-outbox-functions.sql',
    ...['claim_outbox', 'outbox_state'].map((name) => `CREATE FUNCTION "${name}"`),
    'CREATE TABLE "Wish"',
  ]);
  const test = await createTestDatabase();
  await migrate({ url: test.ownerUrl, migrationsDir });
  await withClient(test.ownerUrl, (client) => client.query('select * from claim_outbox(1, 1000)'));
  await test.drop();
  await rm(folder, { recursive: true });
}, 60_000);
