import { reservationExpired, stockDepleted, stockReplenished } from '@bulkhead/contracts/inventory/events';
import type { ReservationState } from '@bulkhead/contracts/inventory/api';
import type { EventDefinition, NewEvent } from '@bulkhead/contracts/event';
import type { Database, Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { lockReservations, lockStock, readLines, writeBooks } from './books.sql';
import type { Command, Outcome, ReservationEntry, StockEntry } from './commands';
import { type Books, decide } from './decide';

const attempts = 5;

/**
 * Carries out a batch of commands in one transaction of four or five short statements, however many commands there
 * are: what makes a hot SKU cost one lock per batch and not one per buyer.
 */
export async function runBatch(
  commands: readonly Command[],
  { database, outbox }: { readonly database: Database; readonly outbox: Outbox },
): Promise<Outcome[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction(async (tx) => {
        const books = await readBooks(tx, commands);
        const outcomes = commands.map((command) => decide(command, books));
        const expiries = await write(tx, books, outbox);
        return outcomes.map((outcome, index) => {
          const expiresAt = expiries.get(commands[index]!.orderId);
          return outcome.kind === 'state' && expiresAt ? { ...outcome, expiresAt } : outcome;
        });
      });
    } catch (error) {
      if (!(error instanceof BooksOutdated) || attempt === attempts) throw error;
    }
  }
}

/** Another replica wrote a reservation of this batch while it was being decided. */
class BooksOutdated extends Error {
  override readonly name = 'BooksOutdated';
}

async function readBooks(tx: Transaction, commands: readonly Command[]): Promise<Books> {
  const orderIds = [...new Set(commands.map(({ orderId }) => orderId))];
  const skus = new Set<string>();
  for (const command of commands)
    if (command.kind === 'reserve') for (const { sku } of command.lines) skus.add(sku);

  const settling = new Set(commands.filter(({ kind }) => kind !== 'reserve').map(({ orderId }) => orderId));
  const lines = new Map<string, { sku: string; quantity: number }[]>();
  if (settling.size > 0) {
    const { rows } = await tx.query<{ order_id: string; sku: string; quantity: number }>({
      ...readLines,
      values: [[...settling]],
    });
    for (const { order_id, sku, quantity } of rows) {
      lines.set(order_id, [...(lines.get(order_id) ?? []), { sku, quantity }]);
      skus.add(sku);
    }
  }

  const stock = new Map<string, StockEntry>();
  const stockRows = await tx.query<{
    sku: string;
    on_hand: number;
    reserved: number;
    sold: number;
    version: number;
  }>({
    ...lockStock,
    values: [[...skus]],
  });
  for (const { sku, on_hand, reserved, sold, version } of stockRows.rows)
    stock.set(sku, { onHand: on_hand, onHandBefore: on_hand, reserved, sold, version, changed: false });

  const reservations = new Map<string, ReservationEntry>();
  const reservationRows = await tx.query<{
    order_id: string;
    state: ReservationState;
    expires_at: Date | null;
    overdue: boolean | null;
  }>({ ...lockReservations, values: [orderIds] });
  for (const { order_id, state, expires_at, overdue } of reservationRows.rows) {
    const known = lines.get(order_id) ?? [];
    if (settling.has(order_id) && known.length === 0 && expires_at !== null) throw new BooksOutdated();
    reservations.set(order_id, {
      state,
      expiresAt: expires_at,
      overdue: overdue ?? false,
      lines: known,
      changed: false,
    });
  }
  return { stock, reservations };
}

/** @returns when the new reservations expire */
async function write(
  tx: Transaction,
  { stock, reservations }: Books,
  outbox: Outbox,
): Promise<Map<string, Date>> {
  const stocked = [...stock].filter(([, { changed }]) => changed);
  const inserted = [...reservations].filter(([, { ttlSeconds }]) => ttlSeconds !== undefined);
  const moved = [...reservations].filter(
    ([, { changed, ttlSeconds }]) => changed && ttlSeconds === undefined,
  );
  if (stocked.length + inserted.length + moved.length === 0) return new Map();
  const lines = inserted.flatMap(([orderId, entry]) => entry.lines.map((line) => ({ orderId, ...line })));
  const events = [...stockEvents(stocked), ...expiryEvents(moved)];
  const { rows } = await tx.query<{ order_id: string; expires_at: Date | null }>({
    ...writeBooks,
    values: [
      stocked.map(([sku]) => sku),
      stocked.map(([, { onHand }]) => onHand),
      stocked.map(([, { reserved }]) => reserved),
      stocked.map(([, { sold }]) => sold),
      inserted.map(([orderId]) => orderId),
      inserted.map(([, { state }]) => state),
      inserted.map(([, { ttlSeconds }]) => ttlSeconds),
      lines.map(({ orderId }) => orderId),
      lines.map(({ sku }) => sku),
      lines.map(({ quantity }) => quantity),
      moved.map(([orderId]) => orderId),
      moved.map(([, { state }]) => state),
      events.length === 0 ? '[]' : outbox.rows(events),
    ],
  });
  if (rows.length !== inserted.length) throw new BooksOutdated();
  if (events.length > 0) tx.afterCommit(() => outbox.wake());
  return new Map(rows.flatMap(({ order_id, expires_at }) => (expires_at ? [[order_id, expires_at]] : [])));
}

/** Told only when a SKU has run out or is there again, however many pieces moved. */
const stockEvents = (stocked: readonly (readonly [string, StockEntry])[]): NewEvent<EventDefinition>[] =>
  stocked.flatMap(([sku, { onHand, onHandBefore, version }]) => {
    if (onHand > 0 === onHandBefore > 0) return [];
    const definition = onHand > 0 ? stockReplenished : stockDepleted;
    return [{ definition, subject: sku, aggregateVersion: version + 1, data: { sku } }];
  });

const expiryEvents = (moved: readonly (readonly [string, ReservationEntry])[]): NewEvent<EventDefinition>[] =>
  moved
    .filter(([, { state }]) => state === 'expired')
    .map(([orderId]) => ({
      definition: reservationExpired,
      subject: orderId,
      aggregateVersion: 2,
      data: { reservationId: orderId, orderId },
    }));
