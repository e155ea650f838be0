import type { ReservationState } from '@bulkhead/contracts/inventory/api';
import type { Queryable } from '@bulkhead/database/database';

/** What has become of an order's reservation; null where there never was one. */
export async function readReservation(
  database: Queryable,
  orderId: string,
): Promise<{ orderId: string; state: ReservationState | null }> {
  const { rows } = await database.query<{ state: ReservationState }>({
    name: 'read-reservation',
    text: 'select state from reservation where order_id = $1',
    values: [orderId],
  });
  return { orderId, state: rows[0]?.state ?? null };
}
