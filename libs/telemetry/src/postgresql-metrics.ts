import { capped, type Metrics } from './metrics';
import { type Statistics, statistics } from './postgresql-statistics.sql';
import { withinScrape } from './within-scrape';

/** Compatible with the database of `libs/database`. */
interface Asked {
  query<Row extends object>(statement: {
    readonly name: string;
    readonly text: string;
  }): Promise<{ readonly rows: Row[] }>;
}

export interface PostgresqlMetricsOptions {
  readonly database: Asked;
  /** How long a result is cached for all scrapes, however many Prometheus servers there are, ms. Default 5,000. */
  readonly freshMs?: number;
  /** Monotonic ms. */
  readonly monotonic: () => number;
}

/**
 * PostgreSQL's statistics of a service's own database, queried at scrapes: needs no exporter and no additional role,
 * and also works for a managed server. Every replica reports the same values, so take the maximum over them. If the
 * database does not respond within 1 s, `postgresql_up` is 0 and gauges are NaN, which no alert mistakes for a number.
 */
export function collectPostgresqlMetrics(metrics: Metrics, options: PostgresqlMetricsOptions): void {
  const show = createSeries(metrics);
  const ask = remembered(options);
  metrics.gauge({
    name: 'postgresql_up',
    help: '1 if the database of the service responded to this scrape.',
    // One gauge collects all of them: they come from the same statement.
    async collect(gauge) {
      const found = await withinScrape(ask);
      gauge.set({}, found ? 1 : 0);
      show(found);
    },
  });
}

function remembered({ database, freshMs = 5_000, monotonic }: PostgresqlMetricsOptions) {
  let last: { at: number; answer: Promise<Statistics | undefined> } | undefined;
  return () => {
    if (last && monotonic() - last.at < freshMs) return last.answer;
    const answer = database.query<Statistics>(statistics).then(({ rows }) => rows[0]);
    last = { at: monotonic(), answer };
    // A failure is not cached: the next scrape tries again.
    answer.catch(() => (last = undefined));
    return answer;
  };
}

const gaugeHelp = {
  postgresql_database_bytes: 'Size of the database on disk.',
  postgresql_oldest_transaction_seconds: 'Age of the oldest transaction of the service’s role.',
  postgresql_waiting_locks: 'Locks that somebody waits for in the database.',
  postgresql_server_connections: 'Connections to all databases of the server.',
  postgresql_server_connections_max: 'Connections that the server takes: max_connections.',
} as const;

const counterHelp = {
  postgresql_deadlocks_total: 'Deadlocks in the database.',
  postgresql_temporary_bytes_total: 'Bytes that statements wrote to temporary files.',
} as const;

function createSeries(metrics: Metrics): (found: Statistics | undefined) => void {
  const gauge = (name: keyof typeof gaugeHelp) => metrics.gauge({ name, help: gaugeHelp[name] });
  const counter = (name: keyof typeof counterHelp) => metrics.counter({ name, help: counterHelp[name] });
  const bytes = gauge('postgresql_database_bytes');
  const oldest = gauge('postgresql_oldest_transaction_seconds');
  const locks = gauge('postgresql_waiting_locks');
  const server = gauge('postgresql_server_connections');
  const serverMax = gauge('postgresql_server_connections_max');
  const connections = metrics.gauge({
    name: 'postgresql_connections',
    help: 'Connections of the service’s role to its database, of all replicas.',
    labels: { state: ['active', 'idle', 'idle_in_transaction'] },
  });
  const transactions = metrics.counter({
    name: 'postgresql_transactions_total',
    help: 'Transactions of the database.',
    labels: { outcome: ['commit', 'rollback'] },
  });
  const blocks = metrics.counter({
    name: 'postgresql_blocks_total',
    help: 'Blocks that statements needed, found in shared memory or read.',
    labels: { source: ['memory', 'read'] },
  });
  const rows = metrics.counter({
    name: 'postgresql_rows_total',
    help: 'Rows by what statements did with them.',
    labels: { operation: ['returned', 'fetched', 'inserted', 'updated', 'deleted'] },
  });
  const table = { table: capped(60) };
  const tableBytes = metrics.gauge({
    name: 'postgresql_table_bytes',
    help: 'Size of a table with its indexes and TOAST.',
    labels: table,
  });
  const tableRows = metrics.gauge({
    name: 'postgresql_table_rows',
    help: 'Rows of a table as PostgreSQL estimates them; dead ones wait for vacuum.',
    labels: { ...table, kind: ['live', 'dead'] },
  });
  const deadlocks = risingTo(counter('postgresql_deadlocks_total'));
  const temporary = risingTo(counter('postgresql_temporary_bytes_total'));
  const moved = risingTo(transactions);
  const needed = risingTo(blocks);
  const touched = risingTo(rows);

  return (found) => {
    const or = (value: number | undefined) => value ?? Number.NaN;
    bytes.set({}, or(found?.bytes));
    oldest.set({}, or(found?.oldest_transaction));
    locks.set({}, or(found?.waiting_locks));
    server.set({}, or(found?.server_connections));
    serverMax.set({}, or(found?.server_connections_max));
    for (const state of ['active', 'idle', 'idle_in_transaction'] as const)
      connections.set({ state }, or(found?.[state]));
    if (!found) return;
    moved({ outcome: 'commit' }, found.commits);
    moved({ outcome: 'rollback' }, found.rollbacks);
    needed({ source: 'memory' }, found.blocks_hit);
    needed({ source: 'read' }, found.blocks_read);
    for (const operation of ['returned', 'fetched', 'inserted', 'updated', 'deleted'] as const)
      touched({ operation }, found[`rows_${operation}`]);
    deadlocks({}, found.deadlocks);
    temporary({}, found.temporary_bytes);
    for (const each of found.tables) {
      tableBytes.set({ table: each.table }, each.bytes);
      tableRows.set({ table: each.table, kind: 'live' }, each.rows);
      tableRows.set({ table: each.table, kind: 'dead' }, each.dead);
    }
  };
}

/** A counter that follows an external one. After a reset of that one, its whole value is the increase. */
function risingTo<L extends Readonly<Record<string, string>>>(counter: {
  add(labels: L, amount: number): void;
}): (labels: L, total: number) => void {
  const last = new Map<string, number>();
  return (labels, total) => {
    const key = Object.values(labels).join();
    const before = last.get(key) ?? 0;
    last.set(key, total);
    counter.add(labels, total >= before ? total - before : total);
  };
}
