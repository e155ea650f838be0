import type { ReservationState } from '@bulkhead/contracts/inventory/api';
import type { InventoryDatabase } from '../database';

/** The status of an order's reservation; null if there never was one. */
export async function readReservation(
  { prisma }: InventoryDatabase,
  orderId: string,
): Promise<{ orderId: string; state: ReservationState | null }> {
  const row = await prisma.reservation.findUnique({ where: { orderId }, select: { state: true } });
  return { orderId, state: (row?.state ?? null) as ReservationState | null };
}
