/** A service's access to PostgreSQL: statements and short transactions over one small pool. */
export interface Queryable {
  /**
   * Runs one statement. A `name` makes it a prepared statement, planned once per connection.
   * @throws DatabaseUnavailable when no connection is available in time; pg's DatabaseError otherwise
   */
  query<Row extends object = Record<string, unknown>>(statement: Statement): Promise<Result<Row>>;
}

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Name of the prepared statement; unique per text within a service. */
  readonly name?: string;
}

export interface Result<Row> {
  readonly rows: Row[];
  /** Rows affected, for statements that return none. */
  readonly rowCount: number;
}

/** A transaction in progress: the same statements, and a hook for what must wait until it is committed. */
export interface Transaction extends Queryable {
  /** Runs `callback` after COMMIT succeeded; never after a rollback. Its errors are logged, not thrown. */
  afterCommit(callback: () => void): void;
}

export interface TransactionOptions {
  /** Default 'read committed'. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** BEGIN … READ ONLY: a statement that writes fails with 25006. Default false. */
  readonly readOnly?: boolean;
  /** How often the whole work is repeated after a serialization failure (40001) or deadlock (40P01). Default 3. */
  readonly retries?: number;
  /** Aborting it ends the wait for a connection and the statement in progress. */
  readonly signal?: AbortSignal;
}

export interface Database extends Queryable {
  /** BEGIN … COMMIT around `work`; ROLLBACK and rethrow when it throws. Keep it short: it holds one connection. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
}
