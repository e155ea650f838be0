/**
 * The two statements of a batch of intents, run in this order in one transaction.
 *
 * Invariants: on_hand + reserved + sold of a SKU never changes here (pieces only move between them), and none of them
 * falls below zero: every change of a stock row locks it first and decides by what it then reads, and CHECK constraints
 * enforce it. reserved is the sum of the lines of held reservations, sold of committed ones. No deadlock: every batch
 * locks reservations before stock, each in key order. A reservation that another replica adds concurrently fails the
 * insert below (23505), and the batch is repeated.
 */
/**
 * The client cannot lock rows, nor those of two tables in one statement.
 *
 * The affected stock is known only once the reservations are locked, which is why these are locked first. $1 orders; $2
 * SKUs beyond those of their reservations. A row is either a reservation or, with a SKU, stock.
 */
export const lockBatch = {
  name: 'lock-batch',
  text: `with held as materialized (
      select order_id, state, lines, version, expires_at, expires_at <= now() as overdue
      from reservation
      where order_id = any($1::uuid[])
      order by order_id
      for update
    ), counted as materialized (
      select sku, on_hand, reserved, sold, version
      from stock
      where sku = any(array(
        select unnest($2::text[]) union select line ->> 'sku' from held, jsonb_array_elements(held.lines) as line))
      order by sku
      for update
    )
    select order_id as "orderId", state, lines, expires_at as "expiresAt", overdue, version,
      null as sku, null::bigint as "onHand", null::bigint as reserved, null::bigint as sold
    from held
    union all
    select null, null, null, null, null, version, sku, on_hand, reserved, sold from counted`,
};

/**
 * The client cannot write a batch in one statement, each row with its own values.
 * $1 stock as counted now; $2 reservations to add; $3 reservations to change; $4 events.
 */
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
