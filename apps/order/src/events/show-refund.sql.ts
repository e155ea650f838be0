/**
 * The client cannot write a row over an older one only.
 *
 * Stores payment's report of a refund. Invariant: a row changes only to a later version of the refund, so that late or
 * repeated events change nothing, and no deleted row reappears.
 *
 * $1 refund, $2 order, $3 amount, $4 status, $5 origin, $6 version. No row: it was already known
 */
export const recordRefund = {
  name: 'order-record-refund',
  text: `insert into order_refund as known (id, order_id, amount, status, origin, version)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set status = excluded.status, version = excluded.version, changed_at = now()
      where known.version < excluded.version
    returning id`,
};
