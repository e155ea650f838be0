import { parseArgs } from 'node:util';
import { Id } from '@bulkhead/contracts/primitives';
import type { OrderDatabase } from '../database';
import type { Saga } from '../saga/saga';
import type { SagaStore } from '../saga/saga-store';
import { isFinal, type State, transitions } from '../saga/states';
import { stuckOrders } from './orders-command.sql';

export const usage = `usage: orders <command>
  list [--state <state>] [--limit <n>]          orders, newest first
  stuck [--older-than <seconds>] [--limit <n>]  what needs a person, or stands still for an hour (3600)
  retry <order id>                              goes on with it at once, from where it stopped
  resolve <order id> --as <state>               ends an order that needs attention as what it is found to be:
                                                confirmed, cancelled or refunded; the customer is told`;

export interface OrdersCommandDependencies {
  readonly database: OrderDatabase;
  readonly store: SagaStore;
  readonly print: (line: string) => void;
}

/** Invalid arguments; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Inspects sagas and resolves those that are stuck. Uses the same statement for transitions as the service, so that it
 * can run concurrently; a running service continues a retried saga within a second.
 * @throws UsageError
 */
export async function runOrdersCommand(args: readonly string[], dependencies: OrdersCommandDependencies) {
  const { values, positionals } = parse(args);
  const [command, orderId] = positionals;
  const limit = whole(values.limit, 50, '--limit');
  switch (command) {
    case 'list':
      return print(dependencies, await newest(dependencies, values.state, limit));
    case 'stuck':
      return print(
        dependencies,
        await stuck(dependencies, whole(values['older-than'], 3_600, '--older-than'), limit),
      );
    case 'retry':
      return retry(await find(dependencies, orderId), dependencies);
    case 'resolve':
      return resolve(await find(dependencies, orderId), aState(values.as), dependencies);
    default:
      throw new UsageError(usage);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        state: { type: 'string' },
        limit: { type: 'string' },
        'older-than': { type: 'string' },
        as: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

async function retry(saga: Saga, { database, store, print }: OrdersCommandDependencies): Promise<void> {
  if (isFinal(saga.state))
    throw new UsageError(`Order ${saga.id} has ended as ${saga.state}; nothing to retry.`);
  if (saga.state !== 'needs_attention') {
    await store.wake(database, [{ orderId: saga.id, states: [saga.state] }]);
    return print(`Order ${saga.id} goes on from ${saga.state}.`);
  }
  const back = saga.attentionFrom as State;
  await move(saga, back, 'retried', { database, store });
  print(`Order ${saga.id} goes on from ${back}.`);
}

const resolutions = ['confirmed', 'cancelled', 'refunded'] as const satisfies State[];
type Resolution = (typeof resolutions)[number];
const isResolution = (state: State): state is Resolution => (resolutions as readonly State[]).includes(state);

/**
 * The manual outcomes of an order that has needed attention since it was in `from`. After a failed refund its
 * confirmation may already have been published: it must not be published again, nor that nothing was ever charged.
 */
export const resolutionsOf = (from: State | undefined): readonly Resolution[] =>
  from === 'refunding' ? ['refunded'] : resolutions;

async function resolve(saga: Saga, as: State, { database, store, print }: OrdersCommandDependencies) {
  if (saga.state !== 'needs_attention')
    throw new UsageError(
      `Order ${saga.id} is ${saga.state}; only one that needs attention is resolved by hand.`,
    );
  if (!isResolution(as)) throw new UsageError('--as must be confirmed, cancelled or refunded.');
  if (!resolutionsOf(saga.attentionFrom).includes(as))
    throw new UsageError(
      'An order whose refund failed is resolved as refunded, once the money was given back.',
    );
  await move(saga, as, 'resolved', { database, store });
  print(`Order ${saga.id} has ended as ${as}.`);
}

async function move(
  saga: Saga,
  to: State,
  reason: string,
  { database, store }: Pick<OrdersCommandDependencies, 'database' | 'store'>,
) {
  const moved = await store.move(database, saga, { to, reason });
  if (!moved) throw new UsageError(`Order ${saga.id} moved on meanwhile; look again.`);
}

async function find(
  { database, store }: OrdersCommandDependencies,
  orderId: string | undefined,
): Promise<Saga> {
  if (!Id.safeParse(orderId).success) throw new UsageError('The id of an order is needed.');
  const saga = await store.read(database, orderId as string);
  if (!saga) throw new UsageError(`There is no order ${orderId}.`);
  return saga;
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly changedAt: Date;
  readonly attentionFrom: string | null;
}

const newest = ({ database }: OrdersCommandDependencies, state: string | undefined, limit: number) =>
  database.prisma.order.findMany({
    ...(state ? { where: { state: aState(state) } } : {}),
    orderBy: { id: 'desc' },
    take: limit,
  });

async function stuck({ database }: OrdersCommandDependencies, seconds: number, limit: number) {
  const { rows } = await database.query<Row>({ ...stuckOrders, values: [seconds, limit] });
  return rows;
}

function print({ print }: OrdersCommandDependencies, rows: readonly Row[]): void {
  for (const { id, state, reason, attempt, changedAt, attentionFrom } of rows) {
    const from = attentionFrom ? ` from=${attentionFrom}` : '';
    const why = reason ? ` reason=${reason}` : '';
    print(`${id} ${state}${from}${why} attempt=${attempt} since=${changedAt.toISOString()}`);
  }
  print(`${rows.length} order${rows.length === 1 ? '' : 's'}`);
}

function aState(name: string | undefined): State {
  if (name !== undefined && name in transitions) return name as State;
  throw new UsageError(`A state must be one of ${Object.keys(transitions).join(', ')}.`);
}

function whole(text: string | undefined, initial: number, option: string): number {
  if (text === undefined) return initial;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} must be a whole number.`);
}
