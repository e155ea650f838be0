/**
 * Writes an order. Invariant: the idempotency key, the order under its saga's first lease, its lines, its first
 * timeline row and its event are there together or not at all, in one statement; and a key that is already claimed
 * writes nothing, nor does a person who was erased a moment ago. A key whose time is over may be claimed anew.
 *
 * $1 user, $2 scope, $3 key, $4 fingerprint, $5 order id, $6 lease of the key in ms, $7 life of the key in ms,
 * $8 total, $9 currency, $10 ms to expiry, $11 payment method, $12 lease owner, $13 lease in ms, $14 traceparent,
 * $15–$19 product ids, SKUs, names, quantities and unit prices of the lines, $20 events for the outbox
 */
export const placeOrder = {
  name: 'order-place',
  text: `with claimed as (
      insert into idempotency_key as held (user_id, scope, key, fingerprint, order_id, lease_until, expires_at)
      select $1::uuid, $2, $3, $4::bytea, $5::uuid, now() + $6 * interval '1 ms', now() + $7 * interval '1 ms'
      where not exists (select from erased_user where user_id = $1)
      on conflict (user_id, scope, key) do update set
        fingerprint = excluded.fingerprint, order_id = excluded.order_id, lease_until = excluded.lease_until,
        expires_at = excluded.expires_at, status = null, headers = null, body = null
        where held.expires_at <= now()
      returning user_id, order_id
    ), placed as (
      insert into orders (id, user_id, state, total_amount, currency, created_at, changed_at, expires_at,
        payment_method, lease_owner, due_at, traceparent)
      select order_id, user_id, 'placed', $8, $9, now(), now(), now() + $10 * interval '1 ms',
        $11, $12::uuid, now() + $13 * interval '1 ms', $14
      from claimed
      returning id, created_at
    ), lines as (
      insert into order_line (order_id, position, product_id, sku, name, quantity, unit_price)
      select placed.id, line.position, line.product_id, line.sku, line.name, line.quantity, line.unit_price
      from placed, unnest($15::uuid[], $16::text[], $17::text[], $18::int[], $19::bigint[])
        with ordinality as line(product_id, sku, name, quantity, unit_price, position)
    ), timeline as (
      insert into order_transition (order_id, sequence, state, at)
      select id, 1, 'placed', created_at from placed
    ), told as (
      insert into outbox (id, type, subject, payload)
      select event.id, event.type, event.subject, event.payload
      from placed, jsonb_to_recordset($20::jsonb) as event(id uuid, type text, subject text, payload jsonb)
    )
    select id from placed`,
};
