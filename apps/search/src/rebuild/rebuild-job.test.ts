import path from 'node:path';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { searchDatabase, type SearchDatabase } from '../database';
import { toEntry } from '../index/entry';
import { product } from '../testing/catalog';
import type { ListingPage } from './listing';
import { createPruning } from './prune';
import { createRebuild } from './rebuild';

const entries = [1, 2, 3].map((n) => toEntry(product(n, `Product ${n}`), 1));
/** One product a page. */
const readPage = async (after: string | undefined): Promise<ListingPage> => {
  const index = entries.findIndex(({ product_id }) => product_id === after) + 1;
  return {
    entries: entries.slice(index, index + 1),
    stock: [],
    nextAfter: index + 1 < entries.length ? entries[index]!.product_id : null,
  };
};
const running = new AbortController().signal;

let testDatabase: TestDatabase;
let pool: PooledDatabase;
let database: SearchDatabase;
let telemetry: ReturnType<typeof createTelemetry>;
beforeEach(async () => {
  testDatabase = await createTestDatabase({
    service: 'search',
    migrationsDir: path.join(__dirname, '../../prisma/migrations'),
    extensions: ['pg_trgm', 'unaccent'],
  });
  pool = createDatabase({ url: testDatabase.url, applicationName: 'search' });
  database = searchDatabase(pool);
  telemetry = createTelemetry({
    service: 'search',
    version: 'test',
    environment: 'test',
    logLevel: 'silent',
    traces: {},
    runtimeMetrics: false,
  });
});
afterEach(async () => {
  await telemetry.shutdown();
  await pool.close();
  await testDatabase.drop();
});

const rebuildFrom = (read: typeof readPage, everyMs = 1_000) =>
  createRebuild({
    database,
    ids: randomIds,
    clock: systemClock,
    logger: telemetry.logger,
    readPage: read,
    leaseMs: 60_000,
    retryMs: 60_000,
    everyMs,
  });
const beginRebuild = () => rebuildFrom(readPage).begin();
/** Builds what is due now. */
const job = (read: typeof readPage) => ({ run: rebuildFrom(read).job.once! });
const rebuild = async () =>
  (
    await database.query<{
      state: string;
      indexed: number;
      failures: number;
      active: number;
      shadow: number | null;
    }>({
      text: 'select state, indexed, failures, active, shadow from rebuild, index_pointer',
    })
  ).rows[0]!;
const makeDue = () => database.query({ text: 'update rebuild set leased_until = null' });
const generations = async () =>
  (
    await database.query<{ generation: number; count: number }>({
      text: 'select generation, count(*)::int as count from indexed_product group by generation order by generation',
    })
  ).rows;

test('a worker whose lease was taken over writes nothing more, and cannot swap', async () => {
  const hold = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const frozen = job(async (after) => {
    const page = await readPage(after);
    if (after !== undefined) {
      reached.resolve();
      await hold.promise;
      return {
        ...page,
        entries: page.entries.map((entry) => ({ ...entry, name: 'Late', version: 9 })),
        nextAfter: null,
      };
    }
    return page;
  }).run(running);
  await reached.promise;

  const asked: (string | undefined)[] = [];
  await makeDue();
  await job(async (after) => {
    asked.push(after);
    if (asked.length === 2) {
      // In the middle of the successor's work, the first one wakes up.
      hold.resolve();
      await frozen;
      expect(await rebuild()).toMatchObject({
        state: 'running',
        active: 0,
        shadow: 1,
        indexed: 2,
        failures: 0,
      });
    }
    return readPage(after);
  }).run(running);

  expect(asked).toEqual([entries[0]!.product_id, entries[1]!.product_id]);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 1, shadow: null, indexed: 3 });
  const { rows } = await database.query({ text: 'select name from indexed_product order by name' });
  expect(rows).toEqual([{ name: 'Product 1' }, { name: 'Product 2' }, { name: 'Product 3' }]);
});

test('a worker that is stopped gives the rebuild back at once', async () => {
  const stopping = new AbortController();
  await job(async (after) => {
    stopping.abort();
    return readPage(after);
  }).run(stopping.signal);
  expect(await rebuild()).toMatchObject({ state: 'running', indexed: 1, failures: 0 });
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 1, indexed: 3 });
});

test('a rebuild that is asked for begins at once, however rarely the job looks', async () => {
  const { begin, job: looking } = rebuildFrom(readPage, 600_000);
  const stopping = new AbortController();
  const running = looking.run(stopping.signal);
  try {
    await eventually(async () => expect(await rebuild()).toMatchObject({ state: 'idle', active: 1 }));
    await begin();
    await eventually(async () => expect(await rebuild()).toMatchObject({ state: 'idle', active: 2 }));
  } finally {
    stopping.abort();
    await running;
  }
});

test('after a failure it pauses, then goes on from where it was', async () => {
  await job(async (after) => {
    if (after !== undefined) throw new Error('product is away');
    return readPage(after);
  }).run(running);
  expect(await rebuild()).toMatchObject({ state: 'running', indexed: 1, failures: 1 });
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'running', indexed: 1 });
  await makeDue();
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 1, indexed: 3, failures: 0 });
});

test('too many failures in a row end it: the old index stays, and another rebuild may begin', async () => {
  await job(readPage).run(running);
  await beginRebuild();
  const failing = job(async () => {
    throw new Error('product is away');
  });
  for (let attempt = 1; attempt <= 10; attempt++) {
    expect((await rebuild()).state).toBe('running');
    await makeDue();
    await failing.run(running);
  }
  expect(await rebuild()).toMatchObject({ state: 'failed', active: 1, shadow: null, failures: 10 });
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'failed', active: 1 });
  await beginRebuild();
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 3 });
});

test('a first index that was given up is begun again, but not at once', async () => {
  const failing = job(async () => {
    throw new Error('product is away');
  });
  for (let attempt = 1; attempt <= 10; attempt++) {
    await failing.run(running);
    await makeDue();
  }
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'failed', active: 0 });
  await database.query({ text: `update rebuild set finished_at = finished_at - interval '1 minute'` });
  await job(readPage).run(running);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 2 });
});

test('an empty catalog makes an empty index', async () => {
  await job(async () => ({ entries: [], stock: [], nextAfter: null })).run(running);
  expect(await rebuild()).toMatchObject({ state: 'idle', active: 1, indexed: 0 });
});

test('generations that nobody reads are removed, the others are not', async () => {
  const pruning = createPruning(database);
  for (let round = 0; round < 3; round++) {
    await beginRebuild();
    await job(readPage).run(running);
  }
  await beginRebuild();
  const stopping = new AbortController();
  await job(async (after) => {
    stopping.abort();
    return readPage(after);
  }).run(stopping.signal);
  expect(await generations()).toHaveLength(4);
  await pruning.run(running);
  expect(await generations()).toEqual([
    { generation: 3, count: 3 },
    { generation: 4, count: 1 },
  ]);
});
