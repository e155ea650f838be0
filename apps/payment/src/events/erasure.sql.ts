/**
 * The client cannot compare tables that no relation joins. People whose payment or refund was written concurrently with
 * their erasure.
 */
export const findReappeared = {
  name: 'erase-reappeared',
  text: `select user_id as "userId" from erased_user
    where exists (select from payments where payments.user_id = erased_user.user_id)
      or exists (select from refunds where requested_by = erased_user.user_id)`,
};

/** The client cannot calculate a time from now. Longer than the lifetime of any access token or request of order. */
export const pruneErased = {
  name: 'erase-prune',
  text: `delete from erased_user where erased_at < now() - interval '1 day'`,
};
