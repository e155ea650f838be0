import { types } from 'node:util';
import pg from 'pg';

/**
 * PostgreSQL is temporarily unavailable: no connection could be made (refused, a login or database that is not
 * accepted, a TLS error, none free within the limit), the connection was lost, or a shutdown or failover is in
 * progress. Says nothing about the statement; consumers pause on it, requests get a 503.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  /** True if the connection was lost during COMMIT, so that the transaction may or may not be durable. */
  readonly mayHaveCommitted: boolean;
  constructor(reason: string, options?: ErrorOptions & { mayHaveCommitted?: boolean }) {
    super(`database is unavailable: ${reason}`, options);
    this.mayHaveCommitted = options?.mayHaveCommitted ?? false;
  }
}

/**
 * The SQLSTATE of an error that PostgreSQL reported, to pg or to Prisma
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : underPrisma(error)?.originalCode;

/** What Prisma's driver adapter made of pg's error: the SQLSTATE, or a kind of its own if there was none. */
const underPrisma = (error: unknown): AdapterCause | undefined =>
  (error as PrismaError | null | undefined)?.meta?.driverAdapterError?.cause;

interface PrismaError {
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: AdapterCause } };
}

interface AdapterCause {
  readonly kind: string;
  readonly originalCode?: string;
  readonly constraint?: { readonly index?: string };
}

const constraintOf = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.constraint : underPrisma(error)?.constraint?.index;

const violates = (state: string) => (error: unknown, constraint?: string) =>
  sqlState(error) === state && (constraint === undefined || constraintOf(error) === constraint);

/** A duplicate key (23505); of this constraint or index if one is given. */
export const isUniqueViolation = violates('23505');
/** A reference to a row that does not exist (23503). */
export const isForeignKeyViolation = violates('23503');
/** A violated CHECK constraint (23514). */
export const isCheckViolation = violates('23514');

/** Retryable: a serialization failure or deadlock. The transaction is correct and succeeds when repeated. */
export const isTransactionConflict = (error: unknown) =>
  sqlState(error) === '40001' || sqlState(error) === '40P01';

/** The statement was cancelled, by `statement_timeout` or on request (57014). */
export const isStatementCancelled = (error: unknown) => sqlState(error) === '57014';

/** A lock was not available within `lock_timeout`, or immediately with NOWAIT (55P03). */
export const isLockTimeout = (error: unknown) => sqlState(error) === '55P03';

/**
 * The statement ran out of time or was blocked by others; it may succeed a moment later. Requests respond with a 503.
 * Consumers do not pause on it: the statement itself may always be too slow.
 */
export const isContended = (error: unknown) =>
  isStatementCancelled(error) || isLockTimeout(error) || isTransactionConflict(error);

/** Connection exceptions, out of resources, shutting down, starting up, and a standby met during a failover. */
const unavailableState = /^(08...|53...|57P0[1-5]|25006|25P0[34])$/;

/** The names of socket errors that Prisma's adapter maps; it passes all others on unchanged. */
const unavailableKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout']);

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** pg raises these as plain errors without a code. */
const clientMessage =
  /^(Connection terminated|timeout e(xceeded|xpired)|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Whether the database is unavailable, as opposed to an error of the statement; for pg's errors and Prisma's. */
export const isUnavailable = (error: unknown): boolean => {
  if (error instanceof DatabaseUnavailable) return true;
  const state = sqlState(error);
  if (state !== undefined) return unavailableState.test(state);
  if (!types.isNativeError(error)) return false;
  if (unavailableKinds.has(underPrisma(error)?.kind ?? '')) return true;
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined ? networkCodes.has(code) : clientMessage.test(message);
};

/** The login was refused: a wrong password (28P01), or a role that does not exist or may not log in (28000). */
export const isLoginRefused = (error: unknown) => sqlState(error)?.startsWith('28') === true;

/** The server is read-only (25006): usually a standby, or a primary that became one. */
export const isReadOnlyServer = (error: unknown) => sqlState(error) === '25006';

/**
 * After an error reported by the server the connection can be used again; after any other its state is unknown. A
 * connection to a server that turned out to be read-only is useless: the address may point to the primary by now.
 */
export const isReusable = (error: unknown) =>
  error instanceof pg.DatabaseError && error.severity !== 'FATAL' && !isReadOnlyServer(error);

/**
 * The error to throw when no connection could be made, whatever the reason: a refused login (28P01, 28000), a database
 * that is missing or closed (3D000, 55000, 42501) or an untrusted certificate do not depend on the statement.
 */
export const connectionFailed = (error: unknown): DatabaseUnavailable => {
  if (error instanceof DatabaseUnavailable) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = [message || 'connection failed', code === undefined ? '' : ` (${code})`].join('');
  return new DatabaseUnavailable(reason, { cause: error });
};

/** Maps an error of pg: to `DatabaseUnavailable` if that is the cause, otherwise unchanged. */
export const translate = (error: unknown, mayHaveCommitted = false): unknown => {
  if (error instanceof DatabaseUnavailable || !isUnavailable(error)) return error;
  const state = sqlState(error);
  const reason = state ? `PostgreSQL reported ${state}` : (error as Error).message || 'connection failed';
  return new DatabaseUnavailable(reason, { cause: error, mayHaveCommitted });
};
