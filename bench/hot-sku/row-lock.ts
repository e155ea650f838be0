import type { Database } from '@bulkhead/database/database';

const lockStock = {
  name: 'bench-lock-stock',
  text: 'select on_hand from stock where sku = $1 for update',
};
const takeStock = {
  name: 'bench-take-stock',
  text: `update stock set on_hand = on_hand - 1, reserved = reserved + 1, version = version + 1, updated_at = now()
    where sku = $1`,
};
const addReservation = {
  name: 'bench-add-reservation',
  text: `insert into reservation (order_id, state, lines, expires_at)
    values ($1, 'held', $2, now() + interval '900 s')`,
};

/** The usual way to be correct: lock the row, look, write, commit; the next buyer waits for the commit. */
export const reserveByRowLock =
  (database: Database) =>
  (orderId: string, sku: string): Promise<boolean> =>
    database.transaction(async (tx) => {
      const { rows } = await tx.query<{ on_hand: number }>({ ...lockStock, values: [sku] });
      if ((rows[0]?.on_hand ?? 0) < 1) return false;
      await tx.query({ ...takeStock, values: [sku] });
      await tx.query({ ...addReservation, values: [orderId, JSON.stringify([{ sku, quantity: 1 }])] });
      return true;
    });
