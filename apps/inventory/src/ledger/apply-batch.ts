import type { NewEvent } from '@bulkhead/contracts/event';
import type { Reservation, ReservationLine, ReservationState } from '@bulkhead/contracts/inventory/api';
import { reservationExpired } from '@bulkhead/contracts/inventory/events';
import type { Database, Transaction } from '@bulkhead/database/database';
import { isUniqueViolation } from '@bulkhead/database/errors';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { type Book, decide, type HeldReservation, type Intent, type Outcome } from './decide';
import { lockBatch, writeBatch } from './ledger.sql';
import { stockEvents } from './stock-events';

/** An outcome in a response. */
export type Result =
  Exclude<Outcome, { kind: 'done' }> | { readonly kind: 'done'; readonly reservation: Reservation };

export type ApplyBatch = (intents: readonly Intent[]) => Promise<Result[]>;

interface StockRow {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly version: number;
}

interface ReservationRow {
  readonly sku: null;
  readonly orderId: string;
  readonly state: ReservationState;
  readonly lines: readonly ReservationLine[];
  readonly version: number;
  readonly expiresAt: Date | null;
  readonly overdue: boolean | null;
}

const isStock = (row: ReservationRow | StockRow): row is StockRow => row.sku !== null;

/** How often a batch is repeated because another replica concurrently added one of its reservations. */
const maxAttempts = 5;

/**
 * Applies intents in order, in one short transaction for all of them: rows are locked once per batch, however many
 * buyers want the same SKU. Safe with any number of replicas.
 * @throws DatabaseUnavailable; all or none of it may then have happened, and retrying is safe
 */
export function createApplyBatch({ database, outbox }: { database: Database; outbox: Outbox }): ApplyBatch {
  return async (intents) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction((tx) => applyOnce(tx, outbox, intents));
      } catch (error) {
        if (!isUniqueViolation(error, 'reservation_pkey') || attempt === maxAttempts) throw error;
      }
    }
  };
}

async function applyOnce(tx: Transaction, outbox: Outbox, intents: readonly Intent[]): Promise<Result[]> {
  const orderIds = [...new Set(intents.map(({ orderId }) => orderId))];
  const skus = new Set(
    intents.flatMap((intent) => ('lines' in intent ? intent.lines.map(({ sku }) => sku) : [])),
  );
  const { rows } = await tx.query<ReservationRow | StockRow>({
    ...lockBatch,
    values: [orderIds, [...skus]],
  });
  const stock = rows.filter(isStock);
  const found = rows.filter((row) => !isStock(row));

  const book: Book = {
    stock: new Map(stock.map(({ sku, onHand, reserved, sold }) => [sku, { sku, onHand, reserved, sold }])),
    reservations: new Map(found.map((row) => [row.orderId, { ...row, overdue: row.overdue === true }])),
  };
  const outcomes = intents.map((intent) => decide(intent, book));

  const expiries = new Map(found.map(({ orderId, expiresAt }) => [orderId, expiresAt]));
  for (const row of await write(tx, outbox, book, stock, found)) expiries.set(row.orderId, row.expiresAt);
  return outcomes.map((outcome) =>
    outcome.kind === 'done' ? { kind: 'done', reservation: toReservation(outcome, expiries) } : outcome,
  );
}

/** Writes the changes of the decisions. @returns the added reservations */
async function write(
  tx: Transaction,
  outbox: Outbox,
  book: Book,
  stock: readonly StockRow[],
  found: readonly ReservationRow[],
): Promise<readonly { orderId: string; expiresAt: Date | null }[]> {
  const counted = stock.flatMap((before) => {
    const after = book.stock.get(before.sku)!;
    const same =
      after.onHand === before.onHand && after.reserved === before.reserved && after.sold === before.sold;
    return same ? [] : [{ before, after: { ...after, version: before.version + 1 } }];
  });
  const changed = found.flatMap((before) => {
    const { state } = book.reservations.get(before.orderId)!;
    return state === before.state ? [] : [{ orderId: before.orderId, state, version: before.version + 1 }];
  });
  const added = [...book.reservations.values()].filter(isAdded);
  if (counted.length + changed.length + added.length === 0) return [];

  const events: NewEvent[] = [
    ...counted.flatMap(({ before, after }) =>
      stockEvents(after.sku, before.onHand, after.onHand, after.version),
    ),
    ...changed.filter(({ state }) => state === 'expired').map(expiredEvent),
  ];
  const { rows } = await tx.query<{ orderId: string; expiresAt: Date | null }>({
    ...writeBatch,
    values: [
      JSON.stringify(counted.map(({ after }) => after)),
      JSON.stringify(added),
      JSON.stringify(changed),
      outbox.rows(events),
    ],
  });
  if (events.length > 0) tx.afterCommit(() => outbox.wake());
  return rows;
}

const isAdded = ({ ttlSeconds }: HeldReservation) => ttlSeconds !== undefined;

const expiredEvent = ({ orderId, version }: { orderId: string; version: number }): NewEvent => ({
  definition: reservationExpired,
  subject: orderId,
  aggregateVersion: version,
  data: { reservationId: orderId, orderId },
});

const toReservation = (
  { orderId, state }: { orderId: string; state: ReservationState },
  expiries: ReadonlyMap<string, Date | null>,
): Reservation => ({ orderId, state, expiresAt: expiries.get(orderId)?.toISOString() ?? null });
