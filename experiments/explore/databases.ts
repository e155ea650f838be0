import path from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';

export const explored = ['order', 'payment', 'inventory', 'notification'] as const;
export type Explored = (typeof explored)[number];

/** What only the explorer looks for, history by history, while all of them stay. */
const indexes: Partial<Record<Explored, readonly string[]>> = {
  order: ['outbox (subject)'],
  notification: [`notification ((facts ->> 'orderId'))`, `mail ((facts ->> 'orderId'))`],
};

export interface ExploredDatabases {
  readonly of: Readonly<Record<Explored, PooledDatabase>>;
  drop(): Promise<void>;
}

/** A database for each service that is explored, migrated as the product's. Few connections: acts are made one by one. */
export async function createDatabases(root: string): Promise<ExploredDatabases> {
  const made: TestDatabase[] = [];
  const pools: [Explored, PooledDatabase][] = [];
  for (const service of explored) {
    const migrationsDir = path.join(root, 'apps', service, 'prisma/migrations');
    const database = await createTestDatabase({ service, migrationsDir });
    made.push(database);
    await withClient(database.ownerUrl, async (owner) => {
      for (const index of indexes[service] ?? []) await owner.query(`create index on ${index}`);
    });
    // A crash of the server is not explored: nothing waits for the disk.
    const url = new URL(database.url);
    url.searchParams.set('options', '-c synchronous_commit=off');
    pools.push([
      service,
      createDatabase({ url: url.toString(), applicationName: `explore ${service}`, poolSize: 2 }),
    ]);
  }
  return {
    of: Object.fromEntries(pools) as Record<Explored, PooledDatabase>,
    async drop() {
      for (const [, pool] of pools) await pool.close();
      for (const database of made) await database.drop();
    },
  };
}
