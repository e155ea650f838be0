/**
 * The client cannot compare tables that no relation joins.
 * People whose payment or refund was being written at the moment at which they were erased.
 */
export const findReappeared = {
  name: 'erase-reappeared',
  text: `select user_id as "userId" from erased_user
    where exists (select from payments where payments.user_id = erased_user.user_id)
      or exists (select from refunds where requested_by = erased_user.user_id)`,
};

/** The client cannot count a time from now. Longer than any access token lives, and than any request of order is on its way. */
export const pruneErased = {
  name: 'erase-prune',
  text: `delete from erased_user where erased_at < now() - interval '1 day'`,
};
