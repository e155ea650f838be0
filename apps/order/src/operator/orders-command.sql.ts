/** Newest first. $1 state or null, $2 how many */
export const listOrders = {
  text: `select id, state, version, reason, attempt, created_at, changed_at, due_at, attention_from
    from orders where $1::text is null or state = $1 order by id desc limit $2`,
};

/** What needs a person, and what has stood in one open state for longer than $1 s; oldest first. $2 how many */
export const stuckOrders = {
  text: `select id, state, version, reason, attempt, created_at, changed_at, due_at, attention_from
    from orders
    where state = 'needs_attention'
      or (due_at is not null and changed_at < clock_timestamp() - $1 * interval '1 s')
    order by changed_at limit $2`,
};
