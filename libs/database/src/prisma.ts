import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import type { ITXClientDenyList } from '@prisma/client/runtime/client';
import pg from 'pg';
import type { Database, Transaction, TransactionOptions } from './database';
import { type Driver, type DriverStatement, send } from './driver';
import type { ServiceDatabase } from './pool';

/** Prisma's client within a transaction: without the methods that begin or end one. */
export type TransactionClient<Client> = Omit<Client, ITXClientDenyList>;

/** A transaction with statements in SQL or of the client: one connection, in the order in which they are sent. */
export interface PrismaTransaction<Client> extends Transaction {
  readonly prisma: TransactionClient<Client>;
}

/** A service's database with its Prisma client. */
export interface PrismaDatabase<Client> extends Database {
  /**
   * For single statements. Waits, statements and lost connections are observed as with `query`. Errors are Prisma's;
   * the functions of `errors.ts` recognise them.
   */
  readonly prisma: Client;
  /** As `Database.transaction`. Errors reported by PostgreSQL are pg's, for statements of the client too. */
  transaction<T>(
    work: (tx: PrismaTransaction<Client>) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** The client in a transaction that another component began, such as that of an event; it does not end it. */
  join<T>(tx: Transaction, work: (tx: PrismaTransaction<Client>) => Promise<T>): Promise<T>;
}

/**
 * The database's clock as a value for the client, in `data` and in `where`: when the transaction began, or the
 * statement if it is on its own, like SQL's `now()` (docs/decisions/0014-which-clock-decides.md). Any other date comes
 * from this process's clock. Encoded as the first millisecond of the year 1, which nothing else may mean.
 */
export const databaseNow = new Date('0001-01-01T00:00:00.001Z');

/** The part of a generated client that is used here; its own types are generated for each schema. */
interface AnyClient {
  $transaction<T>(
    work: (client: never) => Promise<T>,
    options: { readonly maxWait: number; readonly timeout: number },
  ): Promise<T>;
}

/** Transactions end by their signals and the server's timeouts; Prisma's timers would be a third mechanism. */
const withoutTimers = { maxWait: 2 ** 31 - 1, timeout: 2 ** 31 - 1 };

/**
 * Connects a Prisma client to a database: `withPrisma(database, (adapter) => new PrismaClient({ adapter }))`. The
 * client has no connections of its own. It connects, and loads its query compiler, on first use.
 */
export const withPrisma = <Client extends object>(
  database: ServiceDatabase,
  createClient: (adapter: PrismaPg) => Client,
): PrismaDatabase<Client> => {
  const adapter = new Adapter(database);
  const prisma = createClient(adapter);
  const join = async <T>(tx: Transaction, work: (tx: PrismaTransaction<Client>) => Promise<T>) => {
    const joined = new JoinedTransaction(tx);
    try {
      return await adapter.next.run({ joined }, () =>
        (prisma as unknown as AnyClient).$transaction(
          (client: TransactionClient<Client>) => work({ ...tx, prisma: client }),
          withoutTimers,
        ),
      );
    } catch (error) {
      throw joined.causeOf(error);
    }
  };
  return {
    prisma,
    query: (statement) => database.query(statement),
    transaction: (work, options) => database.transaction((tx) => join(tx, work), options),
    join,
  };
};

/** A transaction in progress as Prisma sees it: the client sends statements to it and neither begins nor ends it. */
class JoinedTransaction {
  readonly #driver: Driver;
  #failure: unknown;

  constructor(tx: Transaction) {
    this.#driver = {
      [send]: async (statement) => {
        try {
          return await (tx as Transaction & Driver)[send](statement);
        } catch (error) {
          this.#failure ??= error;
          throw error;
        }
      },
    };
  }

  async begin() {
    const queryable = withDatabaseClock(await new PrismaPg(new DriverPool(this.#driver)).connect());
    const end = () => Promise.resolve();
    return Object.assign(queryable, { options: { usePhantomQuery: true }, commit: end, rollback: end });
  }

  /** The original error of pg, if Prisma wrapped it. */
  causeOf(error: unknown): unknown {
    const isOfPrisma = error instanceof Error && 'clientVersion' in error;
    return isOfPrisma && this.#failure !== undefined ? this.#failure : error;
  }
}

/** Prisma's adapter for a service's database. */
class Adapter extends PrismaPg {
  /** The transaction that the client's next one in this async context joins. */
  readonly next = new AsyncLocalStorage<{ joined: JoinedTransaction | undefined }>();

  constructor(database: ServiceDatabase) {
    super(new DriverPool(database, () => database.pool.connect()));
  }

  override async connect() {
    const adapter = withDatabaseClock(await super.connect());
    const begin = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolationLevel) => {
      const next = this.next.getStore();
      const joined = next?.joined;
      if (!next || !joined) return withDatabaseClock(await begin(isolationLevel));
      next.joined = undefined;
      return joined.begin();
    };
    return adapter;
  }
}

type Queryable = Pick<Awaited<ReturnType<PrismaPg['connect']>>, 'queryRaw' | 'executeRaw'>;
type Query = Parameters<Queryable['queryRaw']>[0];

function withDatabaseClock<T extends Queryable>(queryable: T): T {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  return Object.assign(queryable, {
    queryRaw: (query: Query) => queryRaw(byDatabaseClock(query)),
    executeRaw: (query: Query) => executeRaw(byDatabaseClock(query)),
  });
}

/**
 * PostgreSQL reads 'now' as the time when the transaction began: see "Special Values" in its documentation of dates.
 */
function byDatabaseClock({ sql, args, argTypes }: Query): Query {
  const isNow = (arg: unknown, index: number) =>
    argTypes[index]?.scalarType === 'datetime' &&
    (arg instanceof Date || typeof arg === 'string') &&
    new Date(arg).getTime() === databaseNow.getTime();
  return {
    sql,
    args: args.map((arg, index) => (isNow(arg, index) ? 'now' : arg)),
    argTypes: argTypes.map((type, index) =>
      isNow(args[index], index) ? { ...type, scalarType: 'string' as const } : type,
    ),
  };
}

/** The pool that Prisma's adapter expects. It holds no connections and passes statements on. */
class DriverPool extends pg.Pool {
  constructor(driver: Driver, connect?: () => Promise<pg.PoolClient>) {
    super();
    Object.defineProperties(this, {
      query: { value: (statement: DriverStatement) => driver[send](statement) },
      connect: { value: connect },
    });
  }
}
