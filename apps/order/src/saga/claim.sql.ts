import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/** The columns of a saga, with its lines; see toSaga. */
export const sagaColumns = `orders.id, user_id, buyer_erased, state, version, total_amount, currency, payment_method, payment_begun,
      ending, ending_reason, attention_from, lease_owner, attempt, traceparent,
      (select jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) order by position)
       from order_line where order_id = orders.id) as lines`;

/**
 * The client cannot skip rows that another replica has locked.
 *
 * Claims overdue sagas: they have no runner, or its lease has expired. Invariant: a saga has one runner at a time, by
 * the database's clock; no lock is held after this statement.
 *
 * $1 owner, $2 how many, $3 lease in ms for each state as JSON, $4 only this order, or null for any
 */
export const claim = {
  name: 'order-claim',
  text: `with due as (
      select id from orders
      where due_at <= statement_timestamp() and ($4::uuid is null or id = $4)
      order by due_at limit $2
      for update skip locked
    )
    update orders set
      lease_owner = $1::uuid,
      due_at = clock_timestamp() + ($3::jsonb ->> state)::float8 * interval '1 ms',
      attempt = attempt + 1,
      woken = false
    from due where orders.id = due.id
    returning ${sagaColumns}`,
};

// On the way of each order: the client prepares no statement, and reads the lines with another.
export const readSaga = {
  name: 'order-read-saga',
  text: `select ${sagaColumns} from orders where id = $1 and ($2::uuid is null or user_id = $2)`,
};

// The client cannot lock a row.
export const lockSaga = {
  name: 'order-lock-saga',
  text: `select ${sagaColumns} from orders where id = $1 for update of orders`,
};

/**
 * The client cannot decide by the row's own values, nor calculate with times.
 *
 * Ends a run without a transition: the saga continues after a pause, or immediately if an event arrived meanwhile. The
 * condition on the owner keeps a runner with an expired lease from pausing another runner's saga.
 *
 * $1 id, $2 version, $3 owner, $4 pause in ms, $5 URL of the next action, $6 ms in one state after which it is given
 * up, $7 was nothing tried, so that it counts as no attempt?
 */
export const pause = {
  name: 'order-pause',
  text: `update orders set
      lease_owner = null,
      due_at = clock_timestamp() + case when woken then 0 else $4 end * interval '1 ms',
      woken = false,
      attempt = case when $7 then greatest(attempt - 1, 0) else attempt end,
      next_action_url = $5
    where id = $1 and version = $2 and lease_owner = $3::uuid
    returning changed_at + $6 * interval '1 ms' < clock_timestamp() as overdue`,
};

/**
 * The client cannot lock rows in an order, nor decide by their own values.
 *
 * Wakes sagas after events: each continues immediately or, while it has a runner, when that one pauses. The runner's
 * lease is shortened: a peer may have acted without ever responding, and another runner then takes over. Rows are
 * locked in the order of their ids, so that two batches of events cannot deadlock.
 *
 * Arrays with one element per order and state that waits for its events: $1 orders, $2 states. $3 maximum remaining
 * lease, in ms. $4 whether the transaction does nothing else. If it then wakes no saga, its commit does not wait for
 * the disk: all that could be lost is that the event had no effect
 */
export const wake = {
  name: 'order-wake',
  text: `with held as materialized (
      select id from orders where (id, state) in (select * from ${unnestParameters(['uuid', 'text'])}) order by id for update
    ), woken as (
      update orders set
        due_at = case when lease_owner is null then clock_timestamp()
          else least(due_at, clock_timestamp() + $3 * interval '1 ms') end,
        woken = lease_owner is not null
      from held where orders.id = held.id
      returning orders.id, lease_owner is not null as leased
    )
    select id, leased from woken
    union all
    select null, null
    where case when $4 and not exists (select from woken) then not (${commitsAsynchronously}) else false end`,
};

/**
 * On the way of each order: the client prepares no statement, and reads the lines with another.
 *
 * Pending for too long, by the database's clock. $1 how many
 */
export const findExpired = {
  name: 'order-find-expired',
  text: `select ${sagaColumns} from orders
    where state in ('placed', 'reserved', 'authorised', 'committed') and expires_at <= statement_timestamp()
    order by expires_at limit $1`,
};

/**
 * The client cannot give each row a value that the database makes.
 *
 * Removes the buyer ($1) and their addresses from all their orders. Each gets a placeholder of its own, so that the
 * orders cannot be linked to one person.
 */
export const forgetBuyer = {
  name: 'order-forget-buyer',
  text: `update orders set user_id = gen_random_uuid(), buyer_erased = true, shipping_address = null
    where user_id = $1
    returning ${sagaColumns}`,
};
