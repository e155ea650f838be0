/**
 * Moves an order on. Invariant: a state changes only from the state, version and buyer that were read (compare-and-set),
 * and its timeline row and events are written with it, in this one statement. `due_at` is the lease of whoever goes on
 * with it ($7), or now. The buyer is part of it because an erasure changes nothing else of an order that is not
 * cancelled by it: who read it before would tell of the person that was forgotten. And an order is rejected without any
 * release only while its first attempt is the only one: who has taken it up since may be reserving its stock.
 *
 * $1 id, $2 version, $3 state read, $4 state to make, $5 reason, $6 lease owner or null, $7 lease in ms, $8 final?,
 * $9 ending or null, $10 lacking SKUs, $11 events for the outbox, $12 buyer read
 */
export const transition = {
  name: 'order-transition',
  text: `with moved as (
      update orders set
        state = $4,
        version = version + 1,
        reason = $5,
        changed_at = greatest(clock_timestamp(), changed_at),
        lease_owner = $6::uuid,
        due_at = case when $8 then null else clock_timestamp() + $7 * interval '1 ms' end,
        attempt = 1,
        woken = false,
        next_action_url = null,
        payment_begun = payment_begun or $4 = 'reserved',
        payment_method = case when $4 in ('placed', 'reserved', 'needs_attention') then payment_method end,
        ending = coalesce($9, ending),
        ending_reason = case when $9 is null then ending_reason else $5 end,
        lacking_skus = case when cardinality($10::text[]) > 0 then $10 else lacking_skus end,
        attention_from = case when $4 = 'needs_attention' then $3 end
      where id = $1 and version = $2 and state = $3 and user_id = $12
        and ($3 <> 'placed' or $4 <> 'rejected' or attempt = 1)
      returning id, version, state, reason, changed_at
    ), timeline as (
      insert into order_transition (order_id, sequence, state, reason, at)
      select id, version, state, reason, changed_at from moved
    ), told as (
      insert into outbox (id, type, subject, payload)
      select event.id, event.type, event.subject, event.payload
      from moved, jsonb_to_recordset($11::jsonb) as event(id uuid, type text, subject text, payload jsonb)
    )
    select version from moved`,
};
