/**
 * The three statements of a batch of intents, run in this order in one transaction.
 *
 * Invariants: on_hand + reserved + sold of a SKU never changes here (pieces only move between them), and none of them
 * falls below zero: whoever changes a stock row has locked it first, decides on what it then reads, and the CHECK
 * constraints stand behind that. reserved is the sum of the lines of held reservations, sold of committed ones.
 * No deadlock: every batch locks reservations before stock, each in the order of its key. A reservation that another
 * replica adds at the same moment fails the insert below (23505), and the batch is decided anew.
 */
export const lockReservations = {
  name: 'lock-reservations',
  text: `select order_id as "orderId", state, lines, version, expires_at as "expiresAt",
      expires_at <= now() as overdue
    from reservation
    where order_id = any($1::uuid[])
    order by order_id
    for update`,
};

export const lockStock = {
  name: 'lock-stock',
  text: `select sku, on_hand as "onHand", reserved, sold, version
    from stock
    where sku = any($1::text[])
    order by sku
    for update`,
};

/** $1 stock as counted now; $2 reservations to add; $3 reservations to change; $4 events. */
export const writeBatch = {
  name: 'write-reservations',
  text: `with counted as (
      update stock
      set on_hand = c."onHand", reserved = c.reserved, sold = c.sold, version = c.version, updated_at = now()
      from jsonb_to_recordset($1::jsonb)
        as c(sku text, "onHand" bigint, reserved bigint, sold bigint, version integer)
      where stock.sku = c.sku
    ), changed as (
      update reservation
      set state = c.state, version = reservation.version + 1, updated_at = now()
      from jsonb_to_recordset($3::jsonb) as c("orderId" uuid, state text)
      where reservation.order_id = c."orderId"
    ), told as (
      insert into outbox (id, type, subject, payload)
      select id, type, subject, payload
      from jsonb_to_recordset($4::jsonb) as event(id uuid, type text, subject text, payload jsonb)
    )
    insert into reservation (order_id, state, lines, expires_at)
    select a."orderId", a.state, a.lines, now() + make_interval(secs => a."ttlSeconds")
    from jsonb_to_recordset($2::jsonb) as a("orderId" uuid, state text, lines jsonb, "ttlSeconds" integer)
    returning order_id as "orderId", expires_at as "expiresAt"`,
};
