import type { Queryable } from '@bulkhead/database/database';

/** A SKU with inconsistent counts; there must never be one. */
export interface Imbalance {
  readonly sku: string;
  /** on_hand + reserved + sold. */
  readonly counted: number;
  /** Sum of the movements. */
  readonly moved: number;
  readonly reserved: number;
  /** Sum of the lines of held reservations. */
  readonly held: number;
  readonly sold: number;
  /** Sum of the lines of committed reservations. */
  readonly committed: number;
}

/** Compares stock, journal and reservations in one snapshot. Reads everything: for operators and tests. */
export async function findImbalances(database: Queryable): Promise<Imbalance[]> {
  // The client cannot read lines out of JSON, nor join sums.
  const { rows } = await database.query<Imbalance>({
    text: `with line as (
        select l.sku, r.state, l.quantity
        from reservation r, jsonb_to_recordset(r.lines) as l(sku text, quantity bigint)
        where r.state in ('held', 'committed')
      ), claim as (
        select sku,
          coalesce(sum(quantity) filter (where state = 'held'), 0)::bigint as held,
          coalesce(sum(quantity) filter (where state = 'committed'), 0)::bigint as committed
        from line group by sku
      ), journal as (
        select sku, sum(delta)::bigint as moved from movement group by sku
      )
      select s.sku, s.on_hand + s.reserved + s.sold as counted, coalesce(j.moved, 0) as moved,
        s.reserved, coalesce(c.held, 0) as held, s.sold, coalesce(c.committed, 0) as committed
      from stock s
      left join journal j using (sku)
      left join claim c using (sku)
      where s.on_hand + s.reserved + s.sold <> coalesce(j.moved, 0)
        or s.reserved <> coalesce(c.held, 0) or s.sold <> coalesce(c.committed, 0)
      order by s.sku`,
  });
  return rows;
}
