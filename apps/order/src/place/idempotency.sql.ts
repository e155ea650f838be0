import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client knows no time after the transaction began, and would send three parameters for each key.
 *
 * Looks keys up. Arrays with one element per key: $1 users, $2 scopes, $3 keys
 */
export const findKeys = {
  name: 'order-key-find',
  text: `select user_id as "userId", scope, key, fingerprint, order_id, lease_until > clock_timestamp() as held, status,
      headers, body
    from idempotency_key
    where (user_id, scope, key) in (select * from ${unnestParameters(['uuid', 'text', 'text'])})
      and expires_at > clock_timestamp()`,
};

/**
 * The client cannot calculate a time from now.
 *
 * Takes over a key whose holder crashed. Invariant: one request at a time completes a key. $4 lease in ms
 */
export const takeOverKey = {
  name: 'order-key-take-over',
  text: `update idempotency_key set lease_until = clock_timestamp() + $4 * interval '1 ms'
    where user_id = $1 and scope = $2 and key = $3 and status is null and lease_until <= clock_timestamp()
    returning order_id`,
};

/**
 * The client cannot give each row its own values in one statement.
 *
 * Stores responses. Invariant: the first one of a key is kept. Rows are locked in key order, so that two batches cannot
 * deadlock.
 *
 * Arrays with one element per response: $1 users, $2 scopes, $3 keys, $4 orders, $5 statuses, $6 headers, $7 bodies
 */
export const recordResponses = {
  name: 'order-key-record',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'text', 'text', 'uuid', 'int', 'jsonb', 'text'])}
        as asked(user_id, scope, key, of_order, with_status, with_headers, with_body)
    ), held as materialized (
      select user_id, scope, key from idempotency_key join asked using (user_id, scope, key)
      order by user_id, scope, key for update of idempotency_key
    )
    update idempotency_key as kept set status = with_status, headers = with_headers, body = with_body
    from asked join held using (user_id, scope, key)
    where (kept.user_id, kept.scope, kept.key) = (asked.user_id, asked.scope, asked.key) and order_id = of_order
      and status is null
    returning of_order as "orderId"`,
};

/** The client cannot skip rows that another replica has locked. $1 how many */
export const pruneKeys = {
  name: 'order-key-prune',
  text: `delete from idempotency_key where ctid = any (array(
      select ctid from idempotency_key where expires_at <= now() order by expires_at limit $1
      for update skip locked))`,
};
