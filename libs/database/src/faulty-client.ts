import pg from 'pg';

/** Does a statement, or lets it wait or fail: what fault injection plugs in. */
export type StatementFaults = <T>(statement: string, work: () => Promise<T>) => Promise<T>;

type Query = (...args: unknown[]) => unknown;

/**
 * A kind of client whose every statement passes `faults` first, whoever sends it: ours, Prisma's or the pool's own. The
 * name it passes under is that of the prepared statement, else its first word: `select`, `begin`.
 */
export function withStatementFaults(faults: StatementFaults): typeof pg.Client {
  class FaultyClient extends pg.Client {}
  const send = pg.Client.prototype.query as unknown as Query;
  const query: Query = function (this: pg.Client, ...args) {
    const callback = args.at(-1);
    const plain = typeof callback === 'function' ? args.slice(0, -1) : args;
    // A cursor or a copy stream goes its own way.
    if (typeof plain[0] === 'object' && plain[0] !== null && 'submit' in plain[0])
      return send.apply(this, args);
    const result = faults(nameOf(plain[0]), () => send.apply(this, plain) as Promise<unknown>);
    if (typeof callback !== 'function') return result;
    result.then(
      (rows) => (callback as Query)(null, rows),
      (error: unknown) => (callback as Query)(error),
    );
    return undefined;
  };
  Object.defineProperty(FaultyClient.prototype, 'query', { value: query });
  return FaultyClient;
}

function nameOf(statement: unknown): string {
  const { name, text } =
    typeof statement === 'string' ? { name: undefined, text: statement } : (statement as pg.QueryConfig);
  return name ?? (/[a-z]+/i.exec(text)?.[0] ?? 'unknown').toLowerCase();
}
