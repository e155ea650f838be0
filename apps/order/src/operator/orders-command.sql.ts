/**
 * The client cannot compare with a time before now. Sagas that need an operator, and those that have been in one open
 * state for longer than $1 s; oldest first. $2 how many
 */
export const stuckOrders = {
  text: `select id, state, reason, attempt, changed_at as "changedAt", attention_from as "attentionFrom"
    from orders
    where state = 'needs_attention'
      or (due_at is not null and changed_at < clock_timestamp() - $1 * interval '1 s')
    order by changed_at limit $2`,
};
