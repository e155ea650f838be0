import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot write several tables, each row with its own values, in one statement.
 *
 * Makes transitions of orders. Invariant, for each: a state changes only from the state, version and buyer that were
 * read (compare-and-set), and its timeline row and events are written with it, in this one statement. An order that has
 * changed since it was read is skipped, without affecting the others. `due_at` is the lease of the next runner, or now.
 * The buyer is compared because an erasure changes nothing else of an order that it does not cancel: a runner that read
 * it before would publish the erased person's id. And an order is rejected without any release only while its first
 * attempt is the only one: a later runner may be reserving its stock. Rows are locked in the order of their ids, so
 * that two batches cannot deadlock.
 *
 * Arrays with one element per order: $1 ids, $2 versions read, $3 states read, $4 states to make, $5 reasons, $6 lease
 * owners or null, $7 leases in ms, $8 final?, $9 endings or null, $10 lacking SKUs as JSON or null, $11 buyers read.
 * $12 events for the outbox, their subjects the order ids. $13 whether a crash of the server may lose all of these: the
 * commit then does not wait for the disk
 */
export const transition = {
  name: 'order-transition',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'int', 'text', 'text', 'text', 'uuid', 'int', 'boolean', 'text', 'jsonb', 'uuid'])}
        as asked(of_order, at_version, at_state, to_state, because, by_owner, for_ms, rests, to_ending, lacking, of_user)
    ), held as materialized (
      select id from orders join asked on of_order = id order by id for update of orders
    ), moved as (
      update orders set
        state = to_state,
        version = version + 1,
        reason = because,
        changed_at = greatest(clock_timestamp(), changed_at),
        lease_owner = by_owner,
        due_at = case when rests then null else clock_timestamp() + for_ms * interval '1 ms' end,
        attempt = 1,
        woken = false,
        next_action_url = null,
        payment_begun = payment_begun or to_state = 'reserved',
        payment_method = case when to_state in ('placed', 'reserved', 'needs_attention') then payment_method end,
        ending = coalesce(to_ending, ending),
        ending_reason = case when to_ending is null then ending_reason else because end,
        lacking_skus = case when lacking is not null then array(select jsonb_array_elements_text(lacking)) else lacking_skus end,
        attention_from = case when to_state = 'needs_attention' then at_state end
      from asked
      where orders.id in (select id from held) and orders.id = of_order and version = at_version and state = at_state
        and user_id = of_user
        and (at_state <> 'placed' or to_state <> 'rejected' or attempt = 1)
        and case when $13 then ${commitsAsynchronously} else true end
      returning orders.id, orders.version, orders.state, orders.reason, orders.changed_at
    ), timeline as (
      insert into order_transition (order_id, sequence, state, reason, at)
      select id, version, state, reason, changed_at from moved
    ), told as (
      insert into outbox (id, type, subject, payload)
      select event.id, event.type, event.subject, event.payload
      from jsonb_to_recordset($12::jsonb) as event(id uuid, type text, subject text, payload jsonb)
        join moved on moved.id = event.subject::uuid
    )
    select id from moved`,
};
