/** Invariant: after these, in one transaction, no row leads to the person; $1 is their id. */
export const eraseUser = {
  rememberWhom: {
    name: 'erase-remember',
    text: 'insert into erased_user (user_id) values ($1) on conflict do nothing',
  },
  forgetBuyer: {
    name: 'payment-erase-user',
    text: 'update payments set user_id = null, next_action_url = null where user_id = $1',
  },
  forgetAdmin: {
    name: 'refund-erase-user',
    text: 'update refunds set requested_by = null, reason = null, answer = null where requested_by = $1',
  },
};

/** People whose payment or refund was being written at the moment at which they were erased. */
export const findReappeared = {
  name: 'erase-reappeared',
  text: `select user_id as "userId" from erased_user
    where exists (select from payments where payments.user_id = erased_user.user_id)
      or exists (select from refunds where requested_by = erased_user.user_id)`,
};

/** Longer than any access token lives, and than any request of order is on its way. */
export const pruneErased = {
  name: 'erase-prune',
  text: `delete from erased_user where erased_at < now() - interval '1 day'`,
};
