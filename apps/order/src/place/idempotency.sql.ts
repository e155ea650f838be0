/** What is known of a key. $1 user, $2 scope, $3 key */
export const findKey = {
  name: 'order-key-find',
  text: `select fingerprint, order_id, lease_until > clock_timestamp() as held, status, headers, body
    from idempotency_key
    where user_id = $1 and scope = $2 and key = $3 and expires_at > clock_timestamp()`,
};

/** Takes over a key whose holder died. Invariant: one request at a time completes a key. $4 lease in ms */
export const takeOverKey = {
  name: 'order-key-take-over',
  text: `update idempotency_key set lease_until = clock_timestamp() + $4 * interval '1 ms'
    where user_id = $1 and scope = $2 and key = $3 and status is null and lease_until <= clock_timestamp()
    returning order_id`,
};

/** Records the answer. Invariant: the first one stays. $4 order, $5 status, $6 headers, $7 body */
export const recordAnswer = {
  name: 'order-key-record',
  text: `update idempotency_key set status = $5, headers = $6::jsonb, body = $7
    where user_id = $1 and scope = $2 and key = $3 and order_id = $4 and status is null`,
};

/** $1 how many */
export const pruneKeys = {
  name: 'order-key-prune',
  text: `delete from idempotency_key where ctid = any (array(
      select ctid from idempotency_key where expires_at <= now() order by expires_at limit $1
      for update skip locked))`,
};
