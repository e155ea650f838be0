/** Invariant: after these, in one transaction, no row of an order leads to the person; $1 is their id. */
export const eraseUser = {
  refuseFurtherOrders: {
    name: 'order-erase-refuse',
    text: 'insert into erased_user (user_id) values ($1) on conflict do nothing',
  },
  forgetOrders: {
    name: 'order-erase-orders',
    text: 'update orders set user_id = gen_random_uuid() where user_id = $1',
  },
  forgetKeys: {
    name: 'order-erase-keys',
    text: 'delete from idempotency_key where user_id = $1',
  },
};

/** Longer than any access token lives. */
export const pruneErased = {
  name: 'order-erase-prune',
  text: "delete from erased_user where erased_at < now() - interval '1 day'",
};
