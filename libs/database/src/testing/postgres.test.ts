import path from 'node:path';
import { createDatabase } from '../pool';
import { withClient } from '../admin-client';
import { createTestDatabase, testServerUrl } from './postgres';

const migrationsDir = path.join(__dirname, '../../prisma/migrations');

const exists = async (name: string) =>
  withClient(await testServerUrl(), async (admin) => {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    return rowCount === 1;
  });

it('gives each test a migrated database of its own, also when many ask at once', async () => {
  const options = { migrationsDir, service: 'testing' };
  const databases = await Promise.all([1, 2, 3, 4].map(() => createTestDatabase(options)));
  const id = '01890000-0000-7000-8000-000000000001';
  for (const { url } of databases) {
    await withClient(url, (client) => client.query(`insert into shelves values ($1, 'a')`, [id]));
  }
  await Promise.all(databases.map((database) => database.drop()));
  expect(await Promise.all(databases.map(({ name }) => exists(name)))).toEqual([false, false, false, false]);
}, 60_000);

it('names the application whose connection was left open, and removes the database all the same', async () => {
  const test = await createTestDatabase();
  const leaky = createDatabase({ url: test.url, applicationName: 'leaky-service' });
  await leaky.query({ text: 'select 1' });
  await expect(test.drop()).rejects.toThrow('leaky-service');
  expect(await exists(test.name)).toBe(false);
  await leaky.close();
});
