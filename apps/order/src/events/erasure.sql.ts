/** Invariant: after these and `order-forget-buyer`, in one transaction, no row leads to the person; $1 is their id. */
export const eraseUser = {
  refuseFurtherOrders: {
    name: 'order-erase-refuse',
    text: 'insert into erased_user (user_id) values ($1) on conflict do nothing',
  },
  forgetKeys: {
    name: 'order-erase-keys',
    text: 'delete from idempotency_key where user_id = $1',
  },
};

/** People whose order was being written at the moment at which they were erased, so that neither saw the other. */
export const findReappeared = {
  name: 'order-erase-reappeared',
  text: `select distinct user_id as "userId" from erased_user join orders using (user_id)`,
};

/** Longer than any access token lives. */
export const pruneErased = {
  name: 'order-erase-prune',
  text: "delete from erased_user where erased_at < now() - interval '1 day'",
};
