import type pg from 'pg';
import type { Result, Statement } from './database';

/** A statement with pg's own options for its result, which Prisma's driver adapter sets. */
export interface DriverStatement extends Statement {
  readonly rowMode?: 'array';
  readonly types?: pg.CustomTypesConfig;
}

export interface DriverResult<Row> extends Result<Row> {
  readonly command: string;
  readonly fields: pg.FieldDef[];
}

/**
 * Runs a statement like `query` (same connection, signal, observers and errors) and returns pg's complete result. A
 * symbol, because only Prisma's adapter needs it.
 */
export const send = Symbol('send');

export interface Driver {
  [send](statement: DriverStatement): Promise<DriverResult<unknown>>;
}
