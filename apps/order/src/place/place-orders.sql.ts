import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot write several tables, each row with its own values, in one statement.
 *
 * Writes orders. Invariant, for each of them: the idempotency key, the order under its saga's first lease, its lines,
 * its first timeline row and its event are written together or not at all, in one statement; nothing is written for a
 * key that is already claimed, or for a person who was just erased. An expired key may be claimed again. Keys are
 * claimed in key order, so that two replicas that write the same ones cannot deadlock.
 *
 * Arrays with one element per order: $1 users, $2 scopes of the keys, $3 keys, $4 fingerprints, $5 order ids, $6
 * totals, $7 currencies, $8 payment methods, $9 lease owners, $10 leases in ms, $11 traceparents, $23 shipping
 * addresses as JSON. $12 lease of the keys in ms, $13 their lifetime in ms, $14 ms to expiry of the orders. Arrays with
 * one element per line: $15 order ids, $16 positions, $17 product ids, $18 SKUs, $19 names, $20 quantities, $21 unit
 * prices. $22 events for the outbox, their subjects the order ids.
 */
export const placeOrders = {
  name: 'order-place',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'text', 'text', 'bytea', 'uuid', 'bigint', 'text', 'text', 'uuid', 'int', 'text', ['text', 23]])}
        as asked(user_id, scope, key, fingerprint, order_id, total, currency, payment_method, lease_owner,
          lease_ms, traceparent, shipping_address)
    ), claimed as (
      insert into idempotency_key as held (user_id, scope, key, fingerprint, order_id, lease_until, expires_at)
      select user_id, scope, key, fingerprint, order_id, clock_timestamp() + $12 * interval '1 ms', clock_timestamp() + $13 * interval '1 ms'
      from asked
      where not exists (select from erased_user where erased_user.user_id = asked.user_id)
      order by user_id, scope, key
      on conflict (user_id, scope, key) do update set
        fingerprint = excluded.fingerprint, order_id = excluded.order_id, lease_until = excluded.lease_until,
        expires_at = excluded.expires_at, status = null, headers = null, body = null
        where held.expires_at <= clock_timestamp()
      returning order_id
    ), placed as (
      insert into orders (id, user_id, state, total_amount, currency, created_at, changed_at, expires_at,
        payment_method, lease_owner, due_at, traceparent, shipping_address)
      select order_id, user_id, 'placed', total, currency, now(), now(), now() + $14 * interval '1 ms',
        payment_method, lease_owner, clock_timestamp() + lease_ms * interval '1 ms', traceparent, shipping_address::jsonb
      from claimed join asked using (order_id)
      returning id, created_at
    ), lines as (
      insert into order_line (order_id, position, product_id, sku, name, quantity, unit_price)
      select line.order_id, line.position, line.product_id, line.sku, line.name, line.quantity, line.unit_price
      from ${unnestParameters(['uuid', 'int', 'uuid', 'text', 'text', 'int', 'bigint'], 15)}
        as line(order_id, position, product_id, sku, name, quantity, unit_price)
        join placed on placed.id = line.order_id
    ), timeline as (
      insert into order_transition (order_id, sequence, state, at)
      select id, 1, 'placed', created_at from placed
    ), told as (
      insert into outbox (id, type, subject, payload)
      select event.id, event.type, event.subject, event.payload
      from jsonb_to_recordset($22::jsonb) as event(id uuid, type text, subject text, payload jsonb)
        join placed on placed.id = event.subject::uuid
    )
    select id from placed`,
};
