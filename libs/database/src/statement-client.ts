import pg from 'pg';

/** Runs a statement, delays it or makes it fail: the hook for fault injection. */
export type StatementFaults = <T>(statement: string, work: () => Promise<T>) => Promise<T>;

/** A statement on its way to the server, whoever sends it. */
export interface SentStatement {
  readonly text: string;
  /** Name of a prepared statement. */
  readonly name?: string | undefined;
  /** Its sender's name for it in metrics and traces. */
  readonly label?: string | undefined;
}

/** Gets every statement and its connection, and runs it by calling `work` once. */
export type AroundStatement = <T>(
  statement: SentStatement,
  work: () => Promise<T>,
  client: pg.Client,
) => Promise<T>;

type Query = (...args: unknown[]) => unknown;

/** A client class whose every statement passes through `around`, whether ours, Prisma's or the pool's. */
export function withStatements(around: AroundStatement): typeof pg.Client {
  class PassingClient extends pg.Client {}
  const send = pg.Client.prototype.query as unknown as Query;
  const query: Query = function (this: pg.Client, ...args) {
    const callback = args.at(-1);
    const plain = typeof callback === 'function' ? args.slice(0, -1) : args;
    // Cursors and copy streams are not covered.
    if (typeof plain[0] === 'object' && plain[0] !== null && 'submit' in plain[0])
      return send.apply(this, args);
    const statement = (typeof plain[0] === 'string' ? { text: plain[0] } : plain[0]) as SentStatement;
    const result = around(statement, () => send.apply(this, plain) as Promise<unknown>, this);
    if (typeof callback !== 'function') return result;
    result.then(
      (rows) => (callback as Query)(null, rows),
      (error: unknown) => (callback as Query)(error),
    );
    return undefined;
  };
  Object.defineProperty(PassingClient.prototype, 'query', { value: query });
  return PassingClient;
}

/**
 * The name under which faults match a statement: that of the prepared statement, otherwise its first word, such as
 * `select`.
 */
export const faultNameOf = ({ name, text }: SentStatement): string =>
  name ?? (/[a-z]+/i.exec(text)?.[0] ?? 'unknown').toLowerCase();

const table = /\b(?:from|into|update)\s+(?:"?public"?\.)?"?([a-z_]\w*)"?/i;

/**
 * The name of a statement in metrics and traces: the sender's, its own, or its operation and table, such as `SELECT
 * Product` (the query summary of OpenTelemetry's conventions). Never its text or values.
 */
export function summaryOf({ label, name, text }: SentStatement): string {
  const known = label ?? name;
  if (known !== undefined) return known;
  const operation = (/[a-z]+/i.exec(text)?.[0] ?? 'unknown').toUpperCase();
  const target = table.exec(text)?.[1];
  return target === undefined ? operation : `${operation} ${target}`;
}
