/**
 * The client cannot join tables that no relation joins. People whose order was written concurrently with their erasure,
 * so that neither saw the other.
 */
export const findReappeared = {
  name: 'order-erase-reappeared',
  text: `select distinct user_id as "userId" from erased_user join orders using (user_id)`,
};

/** The client cannot calculate a time from now. Longer than any access token lives. */
export const pruneErased = {
  name: 'order-erase-prune',
  text: "delete from erased_user where erased_at < now() - interval '1 day'",
};
