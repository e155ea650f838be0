import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import pg from 'pg';
import { untilAborted } from './abort';
import type { Database, Result, Statement } from './database';
import { isReusable, translate } from './errors';
import {
  type AroundStatement,
  faultNameOf,
  type StatementFaults,
  summaryOf,
  withStatements,
} from './statement-client';
import { runTransaction } from './transaction';

/** What the pool says about itself; pino's loggers fit. */
export interface DatabaseLogger {
  warn(context: object, message: string): void;
}

/** Told about every statement, for metrics and traces. Must not throw. */
export interface DatabaseObserver {
  /** A connection was handed out after `waitMs`, or waiting for it ended with `error`. */
  acquired?(waitMs: number, error?: unknown): void;
  /**
   * A statement ended, whoever sent it; `name` is that of the prepared statement, BEGIN, COMMIT, ROLLBACK, or its
   * operation and table, as Prisma's have none.
   */
  finished?(name: string, durationMs: number, error?: unknown): void;
  /** A transaction is repeated after a conflict. */
  retried?(attempt: number, error: unknown): void;
}

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database; `sslmode` and the other libpq parameters apply. */
  readonly url: string;
  /** Most connections at once. Default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`; the service's name. */
  readonly applicationName: string;
  /** Longest wait for a connection, new or returned, in ms. Default 5000. */
  readonly acquireTimeoutMs?: number;
  /** Longest a statement may run on the server, in ms. Default 10000. */
  readonly statementTimeoutMs?: number;
  readonly clock?: Clock;
  /** 0 ≤ x < 1; spreads the retries of transactions. */
  readonly random?: () => number;
  readonly logger?: DatabaseLogger;
  readonly observer?: DatabaseObserver;
  /** Every statement is done within it; fault injection delays or fails it there. */
  readonly faults?: StatementFaults | undefined;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  /** Callers waiting for a connection. */
  readonly waiting: number;
  readonly max: number;
}

export interface PooledDatabase extends Database {
  /** The pool itself, for Prisma's adapter: `new PrismaPg(database.pool)`. */
  readonly pool: pg.Pool;
  stats(): PoolStats;
  /** Waits until every connection was given back, then closes them. May be called again. */
  close(): Promise<void>;
}

const connectionLifetimeSeconds = 30 * 60;
const idleTimeoutMs = 60_000;
/** How much later than the server's own timeout the client gives a statement up: the server or the network is gone. */
const silentServerGraceMs = 2_000;

const int8 = 20;

/** `int8` arrives as text: a number where that is exact, else a bigint. Everything else as pg does it. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8 && format !== 'binary') return parseInt8;
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  },
};

const parseInt8 = (text: string) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
};

/** A client that tells the observer of every statement, and lets faults at it; pg's own where there is neither. */
function clientFor({ observer, faults }: DatabaseOptions, clock: Clock): Pick<pg.PoolConfig, 'Client'> {
  const faulty: AroundStatement = (statement, work) =>
    faults ? faults(faultNameOf(statement), work) : work();
  if (!observer?.finished) return faults ? { Client: withStatements(faulty) } : {};
  const observed: AroundStatement = async (statement, work) => {
    const startedAt = clock.monotonic();
    const told = (error?: unknown) =>
      observer.finished?.(summaryOf(statement), clock.monotonic() - startedAt, error);
    try {
      const result = await faulty(statement, work);
      told();
      return result;
    } catch (error) {
      told(error);
      throw error;
    }
  };
  return { Client: withStatements(observed) };
}

/**
 * A bounded pool of connections to one database. Connects on first use; connections live 30 minutes at most, so that
 * a failover or a new password is taken up. A lost idle connection is logged and replaced.
 */
export const createDatabase = (options: DatabaseOptions): PooledDatabase => {
  const clock = options.clock ?? systemClock;
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const max = options.poolSize ?? 10;
  const config: pg.PoolConfig = {
    connectionString: options.url,
    application_name: options.applicationName,
    max,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 5_000,
    idleTimeoutMillis: idleTimeoutMs,
    maxLifetimeSeconds: connectionLifetimeSeconds,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + silentServerGraceMs,
    keepAlive: true,
    types: typeParsers,
    ...clientFor(options, clock),
  };
  const pool = new pg.Pool(config);
  pool.on('error', (error) => {
    options.logger?.warn({ error: error.message }, 'an idle database connection was lost');
  });

  // A connection that breaks while it is lent out must fail its statement, not the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });

  const acquire = async (signal?: AbortSignal): Promise<pg.PoolClient> => {
    signal?.throwIfAborted();
    const startedAt = clock.monotonic();
    const connecting = pool.connect();
    try {
      const client = await (signal ? untilAborted(connecting, signal) : connecting);
      options.observer?.acquired?.(clock.monotonic() - startedAt);
      return client;
    } catch (error) {
      if (signal?.aborted) connecting.then((late) => late.release()).catch(() => undefined);
      options.observer?.acquired?.(clock.monotonic() - startedAt, error);
      throw translate(error);
    }
  };

  const run = async <Row extends object>(
    client: pg.PoolClient,
    { text, values, name }: Statement,
    label = name,
  ): Promise<Result<Row> & { command: string }> => {
    const config: pg.QueryConfig & { label?: string } = {
      text,
      ...(values && { values: values as unknown[] }),
      ...(name !== undefined && { name }),
      ...(label !== undefined && { label }),
    };
    const { rows, rowCount, command } = await client.query<Row>(config);
    return { rows, rowCount: rowCount ?? 0, command };
  };

  /** Stops what a connection is doing on the server; best effort, as the connection is destroyed in any case. */
  const cancelStatement = async (processId: number) => {
    const client = new pg.Client({ ...config, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select pg_cancel_backend($1)', [processId]);
    } catch (error) {
      options.logger?.warn({ error: (error as Error).message }, 'could not cancel a statement');
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  const cancelling = new Set<Promise<void>>();
  const cancel = (processId: number) => {
    const done = cancelStatement(processId).finally(() => cancelling.delete(done));
    cancelling.add(done);
  };

  let closing: Promise<void> | undefined;
  return {
    pool,
    async query<Row extends object>(statement: Statement) {
      const client = await acquire();
      try {
        const { rows, rowCount } = await run<Row>(client, statement);
        client.release();
        return { rows, rowCount };
      } catch (error) {
        client.release(!isReusable(error));
        throw translate(error);
      }
    },
    transaction: (work, transactionOptions) =>
      runTransaction({ acquire, run, cancel, clock, options }, work, transactionOptions),
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount, max }),
    close: () =>
      (closing ??= (async () => {
        await pool.end();
        await Promise.all(cancelling);
      })()),
  };
};
