import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import pg from 'pg';
import { createMetrics, type Metrics } from '@bulkhead/telemetry/metrics';
import { collectPostgresqlMetrics } from '@bulkhead/telemetry/postgresql-metrics';
import { statistics } from '@bulkhead/telemetry/postgresql-statistics.sql';

describe('metrics of a service’s database', () => {
  let testDatabase: TestDatabase;
  let database: pg.Client;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = new pg.Client({ connectionString: testDatabase.ownerUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await testDatabase.drop();
  });

  const valueOf = async (metrics: Metrics, series: string) => {
    const line = (await metrics.expose()).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  const watch = (now: () => number, asked: { query: (statement: never) => Promise<never> }) => {
    const metrics = createMetrics({ service: 'order' });
    collectPostgresqlMetrics(metrics, { database: asked, monotonic: now });
    return metrics;
  };

  it('tell its size, connections, transactions and tables without an exporter', async () => {
    const metrics = watch(() => 0, {
      query: (statement) => database.query(statement) as Promise<unknown> as Promise<never>,
    });
    await database.query({ text: 'create table stock (sku text primary key)' });
    await database.query({ text: "insert into stock select 'SKU-' || n from generate_series(1, 500) n" });
    await database.query({ text: 'analyze stock' });
    expect(await valueOf(metrics, 'postgresql_up{service="order"}')).toBe(1);
    expect(await valueOf(metrics, 'postgresql_database_bytes{service="order"}')).toBeGreaterThan(1e6);
    expect(await valueOf(metrics, 'postgresql_table_bytes{table="stock",service="order"}')).toBeGreaterThan(
      8_000,
    );
    expect(await valueOf(metrics, 'postgresql_server_connections_max{service="order"}')).toBeGreaterThan(0);
    expect(
      await valueOf(metrics, 'postgresql_connections{state="active",service="order"}'),
    ).toBeGreaterThanOrEqual(1);
    expect(
      await valueOf(metrics, 'postgresql_transactions_total{outcome="commit",service="order"}'),
    ).toBeGreaterThan(0);
  });

  it('ask once for all that scrape within five seconds', async () => {
    let asked = 0;
    let now = 0;
    const metrics = watch(() => now, {
      query: (statement) => {
        asked += 1;
        return database.query(statement) as Promise<unknown> as Promise<never>;
      },
    });
    await metrics.expose();
    await metrics.expose();
    expect(asked).toBe(1);
    now = 5_000;
    await metrics.expose();
    expect(asked).toBe(2);
  });

  it('come without numbers, and say so, when the database is away or slow', async () => {
    const away = watch(() => 0, { query: () => Promise.reject(new Error('gone')) });
    expect(await valueOf(away, 'postgresql_up{service="order"}')).toBe(0);
    expect(await valueOf(away, 'postgresql_database_bytes{service="order"}')).toBeNaN();
    const slow = watch(() => 0, { query: () => new Promise(() => undefined) });
    expect(await valueOf(slow, 'postgresql_up{service="order"}')).toBe(0);
  });

  it('keep counting when the server’s statistics are reset', async () => {
    const first = await database.query(statistics);
    const commits = [100, 150, 20];
    let now = 0;
    const metrics = watch(() => (now += 10_000), {
      query: async () => ({ rows: [{ ...first.rows[0], commits: commits.shift() }] }) as never,
    });
    const series = 'postgresql_transactions_total{outcome="commit",service="order"}';
    expect(await valueOf(metrics, series)).toBe(100);
    expect(await valueOf(metrics, series)).toBe(150);
    expect(await valueOf(metrics, series)).toBe(170);
  });
});
