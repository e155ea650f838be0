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

/** The pool's logger; compatible with pino. */
export interface DatabaseLogger {
  warn(context: object, message: string): void;
}

/** Observes every statement, for metrics and traces. Must not throw. */
export interface DatabaseObserver {
  /** A connection was acquired after `waitMs`, or waiting for it failed with `error`. */
  acquired?(waitMs: number, error?: unknown): void;
  /**
   * A statement ended, whoever sent it; `name` is that of the prepared statement, BEGIN, COMMIT, ROLLBACK, or the
   * operation and table, since Prisma's statements have no name.
   */
  finished?(name: string, durationMs: number, error?: unknown): void;
  /** A transaction is retried after a conflict. */
  retried?(attempt: number, error: unknown): void;
}

export interface DatabaseOptions {
  /**
   * postgres://user:password@host:port/database; `sslmode` and the other libpq parameters apply. A function is called
   * for each new connection, so that a password can change while the pool is in use. During the change it returns
   * several; the first one that the server accepts is used.
   */
  readonly url: GivenLogins;
  /** Maximum number of connections. Default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`; the service's name. */
  readonly applicationName: string;
  /** Maximum wait for a connection, new or returned, in ms. Default 5000. */
  readonly acquireTimeoutMs?: number;
  /**
   * `statement_timeout` in ms. Default: the role's (10000 as provisioned). Behind a pooler in transaction mode the
   * setting stays with the server's connection, so all users of one role should set the same.
   */
  readonly statementTimeoutMs?: number;
  readonly clock?: Clock;
  /** 0 ≤ x < 1; spreads the retries of transactions. */
  readonly random?: () => number;
  readonly logger?: DatabaseLogger;
  readonly observer?: DatabaseObserver;
  /** Wraps every statement; fault injection uses it to delay or fail them. */
  readonly faults?: StatementFaults | undefined;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  /** Number of callers waiting for a connection. */
  readonly waiting: number;
  readonly max: number;
}

export interface PooledDatabase extends Database, Driver {
  /** The underlying pool, for what only pg can do. `withPrisma` connects Prisma's client to it. */
  readonly pool: pg.Pool;
  stats(): PoolStats;
  /** Waits until every connection was released, then closes them. Idempotent. */
  close(): Promise<void>;
}

/** A database as a service uses it, which neither opens nor closes it. */
export type ServiceDatabase = Omit<PooledDatabase, 'stats' | 'close'>;

const connectionLifetimeSeconds = 30 * 60;
const idleTimeoutMs = 60_000;
/** The app role's `statement_timeout`, as provisioned; in ms. */
const roleStatementTimeoutMs = 10_000;
/** How long after the server's own timeout the client gives up: the server or the network has failed by then. */
const silentServerGraceMs = 2_000;

const int8 = 20;

/** `int8` arrives as text and becomes a number if that is exact, otherwise a bigint. All other types as in pg. */
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

/** pg's client, with settings that users of the pool need not care about. */
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
      // Prisma releases its connections without reporting errors; the pool drops one that has been ended.
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
 * Session settings of a new connection, sent after connecting because poolers reject most of them as startup
 * parameters. A standby is refused as with libpq's `target_session_attrs=primary`: during a failover the address may
 * point to it for a while, and a connection that stayed would read stale data and could not write.
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
    // Prisma's adapter parses a printed timestamptz as UTC (prisma/orm #26786).
    `set_config('TimeZone', 'UTC', false)`,
    ...(statementTimeoutMs === undefined
      ? []
      : [`set_config('statement_timeout', '${statementTimeoutMs}', false)`]),
  ];
  // Not reported to the observers of statements: it is part of connecting.
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
 * and never to a standby. Connections live at most 30 minutes. One that is lost while idle is logged and replaced; one
 * to a read-only server is dropped.
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

  // A connection that breaks while in use must fail its statement, not the process.
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
   * Best effort. The connection is always closed, but only afterwards: a pooler cannot route the cancellation once its
   * client is gone.
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
