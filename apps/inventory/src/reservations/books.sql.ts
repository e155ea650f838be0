/**
 * The statements of a batch, in the order they run in its transaction. Whoever changes stock takes the same locks in
 * the same order (stock by SKU, then reservations by order), so batches of several replicas wait for one another and
 * never deadlock.
 */

/** Lines never change once written, so they may be read before the locks: they tell which stock to lock. */
export const readLines = {
  name: 'inventory-read-lines',
  text: 'select order_id, sku, quantity from reservation_line where order_id = any($1::uuid[])',
};

export const lockStock = {
  name: 'inventory-lock-stock',
  text: `select sku, on_hand, reserved, sold, version from stock
    where sku = any($1::text[]) order by sku for update`,
};

export const lockReservations = {
  name: 'inventory-lock-reservations',
  text: `select order_id, state, expires_at, expires_at <= clock_timestamp() as overdue from reservation
    where order_id = any($1::uuid[]) order by order_id for update`,
};

/**
 * Writes the decided books and their events in one statement. A reservation that another replica inserted since is
 * left alone and missing in the answer: the batch is then decided anew.
 */
export const writeBooks = {
  name: 'inventory-write-books',
  text: `with stocked as (
      update stock set on_hand = new.on_hand, reserved = new.reserved, sold = new.sold,
        version = stock.version + 1, updated_at = clock_timestamp()
      from unnest($1::text[], $2::int[], $3::int[], $4::int[]) as new(sku, on_hand, reserved, sold)
      where stock.sku = new.sku
    ), inserted as (
      insert into reservation (order_id, state, expires_at)
      select order_id, state, clock_timestamp() + ttl_seconds * interval '1 second'
      from unnest($5::uuid[], $6::text[], $7::int[]) as new(order_id, state, ttl_seconds)
      on conflict (order_id) do nothing
      returning order_id, expires_at
    ), lined as (
      insert into reservation_line (order_id, sku, quantity)
      select order_id, sku, quantity from unnest($8::uuid[], $9::text[], $10::int[]) as new(order_id, sku, quantity)
      where exists (select from inserted where inserted.order_id = new.order_id)
    ), moved as (
      update reservation set state = new.state, changed_at = clock_timestamp()
      from unnest($11::uuid[], $12::text[]) as new(order_id, state)
      where reservation.order_id = new.order_id
    ), told as (
      insert into outbox (id, type, subject, payload)
      select id, type, subject, payload
      from jsonb_to_recordset($13::jsonb) as event(id uuid, type text, subject text, payload jsonb)
    )
    select order_id, expires_at from inserted`,
};
