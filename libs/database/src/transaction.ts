import type { Clock } from '@bulkhead/resilience/clock';
import type pg from 'pg';
import { untilAborted } from './abort';
import type { Transaction, TransactionOptions } from './database';
import { type Driver, type DriverResult, type DriverStatement, send as sendByDriver } from './driver';
import { isReusable, isTransactionConflict, translate } from './errors';

/** The pool's options that apply to transactions. */
interface TransactionSettings {
  /** 0 ≤ x < 1; spreads the retries. */
  readonly random?: () => number;
  readonly logger?: { warn(context: object, message: string): void };
  readonly observer?: { retried?(attempt: number, error: unknown): void };
}

/** What a transaction needs from the pool. */
interface Connections {
  acquire(signal?: AbortSignal): Promise<pg.PoolClient>;
  run<Row extends object>(
    client: pg.PoolClient,
    statement: DriverStatement,
    label?: string,
  ): Promise<DriverResult<Row>>;
  /** Cancels the connection's statement on the server, then closes it; does not wait for either. */
  cancel(client: pg.PoolClient): void;
  readonly clock: Clock;
  readonly options: TransactionSettings;
}

const defaultRetries = 3;
const firstBackoffMs = 20;

/** Repeats the whole transaction after conflicts: full jitter over 20, 40, 80 … ms; no connection is held meanwhile. */
export const runTransaction = async <T>(
  connections: Connections,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> => {
  const random = connections.options.random ?? Math.random;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(connections, work, options);
    } catch (error) {
      if (!isTransactionConflict(error) || attempt > (options.retries ?? defaultRetries)) throw error;
      connections.options.observer?.retried?.(attempt, error);
      await connections.clock.sleep(random() * firstBackoffMs * 2 ** (attempt - 1), options.signal);
    }
  }
};

const attemptOnce = async <T>(
  connections: Connections,
  work: (tx: Transaction) => Promise<T>,
  { isolation = 'read committed', readOnly = false, signal }: TransactionOptions,
): Promise<T> => {
  const client = await connections.acquire(signal);
  const callbacks: (() => void)[] = [];
  let ended = false;
  let broken = false;
  let overdue = false;
  let running = 0;

  const send = async <Row extends object>(statement: DriverStatement, label?: string) => {
    running++;
    try {
      return await connections.run<Row>(client, statement, label);
    } catch (error) {
      if (!isReusable(error)) broken = true;
      throw error;
    } finally {
      running--;
    }
  };

  /** Abandons a statement that outlives the signal; it is cancelled below. */
  const sendUntilAborted = async <Row extends object>(statement: DriverStatement, label?: string) => {
    signal?.throwIfAborted();
    const sent = send<Row>(statement, label);
    try {
      return await (signal ? untilAborted(sent, signal) : sent);
    } catch (error) {
      throw translate(error);
    }
  };

  const sendBeforeEnd = async <Row extends object>(statement: DriverStatement) => {
    if (ended) throw new Error('the transaction has ended; a statement of it was not awaited');
    return sendUntilAborted<Row>(statement);
  };

  const tx: Transaction & Driver = {
    [sendByDriver]: sendBeforeEnd,
    async query<Row extends object>(statement: DriverStatement) {
      const { rows, rowCount } = await sendBeforeEnd<Row>(statement);
      return { rows, rowCount };
    },
    afterCommit: (callback) => void callbacks.push(callback),
  };

  try {
    // Always explicit: the default of the server or the database may differ.
    const begin = `begin isolation level ${isolation}${readOnly ? ' read only' : ''}`;
    await sendUntilAborted({ text: begin }, 'BEGIN');
    const result = await work(tx);
    signal?.throwIfAborted();
    ended = true;
    await commit(send);
    runCallbacks(callbacks, connections.options);
    return result;
  } catch (error) {
    ended = true;
    overdue = running > 0;
    if (!broken && !overdue) await send({ text: 'rollback' }, 'ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    if (overdue) connections.cancel(client);
    else client.release(broken);
  }
};

/** Not aborted by the signal: otherwise nobody would know whether the transaction is durable. */
const commit = async (send: (statement: DriverStatement, label: string) => Promise<{ command: string }>) => {
  const { command } = await send({ text: 'commit' }, 'COMMIT').catch((error: unknown) => {
    throw translate(error, true);
  });
  // PostgreSQL responds to the COMMIT of a failed transaction with a ROLLBACK and no error.
  if (command !== 'COMMIT') throw new Error('rolled back: a statement of the transaction had failed');
};

const runCallbacks = (callbacks: readonly (() => void)[], { logger }: TransactionSettings) => {
  for (const callback of callbacks) {
    try {
      callback();
    } catch (error) {
      logger?.warn({ error: (error as Error).message }, 'an after-commit callback failed');
    }
  }
};
