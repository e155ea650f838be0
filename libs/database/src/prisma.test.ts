import path from 'node:path';
import { type TestDatabase, createTestDatabase } from '@bulkhead/testing/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/prisma/client';
import { createDatabase } from './pool';

const migrationsDir = path.join(__dirname, '../prisma/migrations');
const id = '01890000-0000-7000-8000-000000000001';
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ migrationsDir, service: 'database' });
}, 60_000);

afterAll(() => test.drop());

it('shares its connections with a Prisma client, and outlives it', async () => {
  const database = createDatabase({ url: test.url, applicationName: 'prisma-test', poolSize: 1 });
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
  await prisma.shelf.create({ data: { id, label: 'a', items: 9007199254740993n } });
  expect((await database.query({ text: 'select items from shelves' })).rows).toEqual([
    { items: 9007199254740993n },
  ]);
  await database.query({ text: 'update shelves set items = 5' });
  expect(await prisma.shelf.findUnique({ where: { id } })).toEqual({ id, label: 'a', items: 5n });
  await prisma.$transaction([prisma.shelf.update({ where: { id }, data: { label: 'b' } })]);
  expect(database.stats()).toMatchObject({ total: 1, idle: 1 });

  await prisma.$disconnect();
  expect((await database.query({ text: 'select label from shelves' })).rows).toEqual([{ label: 'b' }]);
  await database.close();
});
