import type { Invariant, Offence } from '../invariant';
import { type AuditedOrder, readOrders } from '../orders';
import type { ShopView } from '../shop-view';

interface Reservation {
  readonly orderId: string;
  readonly state: 'held' | 'committed' | 'released' | 'expired';
  /** SKU → pieces */
  readonly lines: Readonly<Record<string, number>>;
}

export const reservationsFollowOrders: Invariant = {
  name: 'reservations-follow-orders',
  sentence:
    'No reservation outlives its order: a confirmed order’s stock is sold, exactly its lines; of an order that ended otherwise nothing is held or sold.',
  async check(shop) {
    const [orders, reservations, lines] = await Promise.all([
      readOrders(shop),
      readReservations(shop),
      readLines(shop),
    ]);
    const byOrder = new Map(reservations.map((each) => [each.orderId, each]));
    const known = new Set(orders.map(({ id }) => id));
    const orphans = reservations
      .filter(({ orderId, state }) => !known.has(orderId) && (state === 'held' || state === 'committed'))
      .map(({ orderId, state }) => ({
        subject: orderId,
        problem: `stock is ${state} for an order that does not exist`,
      }));
    return {
      examined: orders.length + orphans.length,
      offences: [
        ...orphans,
        ...orders.flatMap((order) => judge(order, byOrder.get(order.id), lines.get(order.id))),
      ],
    };
  },
};

function judge(
  { id, state }: AuditedOrder,
  reservation: Reservation | undefined,
  lines: Readonly<Record<string, number>> = {},
): Offence[] {
  const holds = reservation?.state ?? 'none';
  const offence = (problem: string): Offence[] => [{ subject: id, problem }];
  switch (state) {
    case 'confirmed':
      if (!reservation || holds !== 'committed')
        return offence(`is confirmed, but its reservation is ${holds}`);
      return sameLines(lines, reservation.lines)
        ? []
        : offence('is confirmed, but other pieces were sold for it');
    case 'rejected':
    case 'cancelled':
    case 'expired':
    case 'refunded':
      return holds === 'held' || holds === 'committed'
        ? offence(`is ${state}, but its stock is still ${holds}`)
        : [];
    default:
      return [];
  }
}

const sameLines = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([sku, quantity]) => other[sku] === quantity);

const readReservations = (shop: ShopView) =>
  shop.ask<Reservation>(
    'inventory',
    `select order_id as "orderId", state, coalesce((
        select jsonb_object_agg(line.sku, line.quantity)
        from jsonb_to_recordset(lines) as line(sku text, quantity bigint)), '{}') as lines
      from reservation`,
  );

async function readLines(shop: ShopView): Promise<Map<string, Record<string, number>>> {
  const rows = await shop.ask<{ orderId: string; lines: Record<string, number> }>(
    'order',
    `select order_id as "orderId", jsonb_object_agg(sku, quantity) as lines
      from (select order_id, sku, sum(quantity) as quantity from order_line group by order_id, sku) line
      group by order_id`,
  );
  return new Map(rows.map(({ orderId, lines }) => [orderId, lines]));
}
