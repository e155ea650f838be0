import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import { createLogins, type GivenLogins, type Logins } from '@bulkhead/resilience/logins';
import pg from 'pg';
import { untilAborted } from './abort';
import type { Database, Statement } from './database';
import { type Driver, type DriverResult, type DriverStatement, send } from './driver';
import { requestCancel } from './cancel-request';
import {
  connectionFailed,
  DatabaseUnavailable,
  isLoginRefused,
  isReadOnlyServer,
  isReusable,
  translate,
} from './errors';
import { createLoginPool, LoginRefused } from './login-pool';
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
  /**
   * postgres://user:password@host:port/database; `sslmode` and the other libpq parameters apply. A function is called
   * for each new connection, so that a password may change while the pool is in use; several while it does, of which
   * the first is used that the server accepts.
   */
  readonly url: GivenLogins;
  /** Most connections at once. Default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`; the service's name. */
  readonly applicationName: string;
  /** Longest wait for a connection, new or returned, in ms. Default 5000. */
  readonly acquireTimeoutMs?: number;
  /**
   * Longest a statement may run on the server, in ms. Default: what the role has (10000 as provisioned). Behind a
   * pooler in transaction mode the setting stays with the server's connection, so everyone who uses one role should
   * ask for the same.
   */
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

export interface PooledDatabase extends Database, Driver {
  /** The pool itself, for what pg alone can do. Prisma's client is on it by `withPrisma`. */
  readonly pool: pg.Pool;
  stats(): PoolStats;
  /** Waits until every connection was given back, then closes them. May be called again. */
  close(): Promise<void>;
}

/** What a service has of its database: it neither opens nor closes it. */
export type ServiceDatabase = Omit<PooledDatabase, 'stats' | 'close'>;

const connectionLifetimeSeconds = 30 * 60;
const idleTimeoutMs = 60_000;
/** The app role's own limit, as provisioned; in ms. */
const roleStatementTimeoutMs = 10_000;
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

/** pg's client, with what the pool's users must not have to think of. */
function clientClass({ observer, faults }: DatabaseOptions, logins: Logins, clock: Clock): typeof pg.Client {
  const around: AroundStatement = async (statement, work, client) => {
    const startedAt = clock.monotonic();
    const finished = (error?: unknown) =>
      observer?.finished?.(summaryOf(statement), clock.monotonic() - startedAt, error);
    try {
      const result = await (faults ? faults(faultNameOf(statement), work) : work());
      finished();
      return result;
    } catch (error) {
      // Prisma gives its connections back without a word about errors; the pool drops one that has been ended.
      if (isReadOnlyServer(error)) void client.end().catch(() => undefined);
      finished(error);
      throw error;
    }
  };
  const Client = withStatements(around);
  return class extends Client {
    readonly #login: string;
    constructor(config: pg.ClientConfig) {
      const [login = ''] = logins.inOrder();
      super({ ...config, connectionString: login });
      this.#login = login;
    }
    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
      const failed = (error: unknown) =>
        isLoginRefused(error)
          ? new LoginRefused(this.#login, connectionFailed(error))
          : connectionFailed(error);
      if (!callback)
        return super.connect().catch((error: unknown) => {
          throw failed(error);
        });
      super.connect((error: Error) => callback(error && failed(error)));
    }
  };
}

/**
 * Settles what a new connection needs, after connecting: poolers refuse most of it as startup parameters. A standby is
 * refused as libpq's `target_session_attrs=primary` does: during a failover the address may lead there for a while, and
 * a connection that stayed would read what is old and write nothing.
 */
const prepareConnection = async (
  client: pg.ClientBase,
  {
    acquireTimeoutMs,
    statementTimeoutMs,
  }: { acquireTimeoutMs: number; statementTimeoutMs?: number | undefined },
) => {
  const settings = [
    `set_config('default_transaction_isolation', 'read committed', false)`,
    // Prisma's adapter takes what a timestamptz is printed as for UTC (prisma/orm #26786).
    `set_config('TimeZone', 'UTC', false)`,
    ...(statementTimeoutMs === undefined
      ? []
      : [`set_config('statement_timeout', '${statementTimeoutMs}', false)`]),
  ];
  // Not by way of the statement's observers: it belongs to connecting.
  const { rows } = await pg.Client.prototype.query.call<
    pg.ClientBase,
    [pg.QueryConfig & { query_timeout: number }],
    Promise<pg.QueryResult<{ standby: boolean }>>
  >(client, {
    text: `select pg_is_in_recovery() as standby, ${settings.join(', ')}`,
    query_timeout: acquireTimeoutMs,
  });
  if (rows[0]?.standby) throw new DatabaseUnavailable('the server is a standby');
};

/**
 * A bounded pool of connections to one database, direct or through a pooler in transaction mode. Connects on first use,
 * and only to a server that is not a standby; connections live 30 minutes at most. One that is lost while idle is logged
 * and replaced; one that meets a read-only server is dropped.
 */
export const createDatabase = (options: DatabaseOptions): PooledDatabase => {
  const clock = options.clock ?? systemClock;
  const { statementTimeoutMs } = options;
  const acquireTimeoutMs = options.acquireTimeoutMs ?? 5_000;
  const max = options.poolSize ?? 10;
  const logins = createLogins(options.url);
  const config: pg.PoolConfig = {
    application_name: options.applicationName,
    max,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    maxLifetimeSeconds: connectionLifetimeSeconds,
    query_timeout: (statementTimeoutMs ?? roleStatementTimeoutMs) + silentServerGraceMs,
    keepAlive: true,
    types: typeParsers,
    Client: clientClass(options, logins, clock),
    // pg-pool waits for the promise, which its types do not say.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: (client) => prepareConnection(client, { acquireTimeoutMs, statementTimeoutMs }),
  };
  const pool = createLoginPool(config, {
    logins,
    mayChange: typeof options.url === 'function',
    waitMs: acquireTimeoutMs,
    clock,
    onRefused: (reason) => options.logger?.warn({ reason }, 'PostgreSQL rejected a login'),
  });
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
      throw signal?.aborted && error === signal.reason ? error : connectionFailed(error);
    }
  };

  const run = async <Row extends object>(
    client: pg.PoolClient,
    { text, values, name, rowMode, types }: DriverStatement,
    label = name,
  ): Promise<DriverResult<Row>> => {
    const config: pg.QueryConfig & { label?: string } = {
      text,
      ...(values && { values: values as unknown[] }),
      ...(name !== undefined && { name }),
      ...(label !== undefined && { label }),
      ...(rowMode !== undefined && { rowMode }),
      ...(types !== undefined && { types }),
    };
    const { rows, rowCount, command, fields } = await client.query<Row>(config);
    return { rows, rowCount: rowCount ?? 0, command, fields };
  };

  const cancelling = new Set<Promise<void>>();
  /**
   * Best effort. The connection is closed in any case, but not before: a pooler forgets whom to cancel when its client
   * is gone.
   */
  const cancel = (client: pg.PoolClient) => {
    const done = requestCancel(client)
      .catch((error: unknown) => {
        options.logger?.warn({ error: (error as Error).message }, 'could not cancel a statement');
      })
      .finally(() => {
        client.release(true);
        cancelling.delete(done);
      });
    cancelling.add(done);
  };

  const sendAlone = async <Row extends object>(statement: DriverStatement) => {
    const client = await acquire();
    try {
      const result = await run<Row>(client, statement);
      client.release();
      return result;
    } catch (error) {
      client.release(!isReusable(error));
      throw translate(error);
    }
  };

  let closing: Promise<void> | undefined;
  return {
    pool,
    [send]: sendAlone,
    async query<Row extends object>(statement: Statement) {
      const { rows, rowCount } = await sendAlone<Row>(statement);
      return { rows, rowCount };
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
