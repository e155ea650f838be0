import { attentionAtKept, attentionKept } from './attention';
import { paymentColumns } from './payment';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot write several tables, each row with its own values, in one statement.
 *
 * Creates payments. Invariant: an order has one payment, whichever request is first; and the payment, the lease of the
 * provider's next caller, and its attempt are written together or not at all, before the provider is called. The
 * payment of a person who was erased during the request has no owner. Rows are inserted in the order of the orders, so
 * that two batches cannot deadlock.
 *
 * Arrays with one element per payment: $1 ids, $2 orders, $3 users, $4 currencies, $5 amounts, $6 means of payment, $7
 * leases, $8 attempts, $9 idempotency keys. $10 provider, $11 length of the leases in ms. No row: the order had one.
 */
export const openPayments = {
  name: 'payment-open',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'uuid', 'uuid', 'text', 'bigint', 'text', 'uuid', 'uuid', 'text'])} as asked(payment, of_order, of_user, in_currency, minor_units, means, by_lease, attempt, key)
    ), opened as (
      insert into payments (id, order_id, user_id, provider, status, currency, amount, payment_method, lease, leased_until,
        due_at)
      select payment, of_order, case when not exists (select from erased_user where user_id = of_user) then of_user end, $10,
        'authorising', in_currency, minor_units, means, by_lease, clock_timestamp() + $11 * interval '1 ms', now()
      from asked order by of_order
      on conflict (order_id) do nothing
      returning *
    ), begun as (
      insert into provider_attempts (id, payment_id, operation, idempotency_key)
      select attempt, id, 'authorise', key from opened join asked on payment = id
    )
    select ${paymentColumns} from opened`,
};

/**
 * The client cannot lock rows in an order, nor give each its own values in one statement.
 *
 * Starts capturing or voiding authorised money. Invariant: the move, the lease of the provider's next caller and its
 * attempt are written together, before the provider is called; of several concurrent requests, one succeeds. No earlier
 * attempt can conflict: no move leads back to 'authorised'. A payment of another provider is moved, and left to a
 * process with that provider. Rows are locked in the order of their ids.
 *
 * Arrays with one element per payment: $1 orders, $2 statuses to make, $3 operations, $4 leases, $5 attempts, $6
 * idempotency keys. $7 provider, $8 length of the leases in ms. No row: no money of the order is authorised.
 */
export const beginOnCharges = {
  name: 'payment-begin',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'text', 'text', 'uuid', 'uuid', 'text'])}
        as asked(of_order, to_status, operation, by_lease, attempt, key)
    ), held as materialized (
      select p.id as payment from payments p join asked on of_order = order_id
      where status = 'authorised' and provider_reference is not null order by p.id for update of p
    ), begun as (
      update payments set status = to_status, version = version + 1, updated_at = now(), tries = 0, next_action_url = null,
        payment_method = case when to_status = 'voiding' then payment_method end, waiting_since = now(), due_at = now(),
        needs_attention_at = ${attentionAtKept}, attention = ${attentionKept},
        lease = case when provider = $7 then by_lease end, leased_until = clock_timestamp() + $8 * interval '1 ms'
      from asked
      where id in (select payment from held) and order_id = of_order and status = 'authorised'
      returning payments.*, attempt, operation, key
    ), attempted as (
      insert into provider_attempts (id, payment_id, operation, idempotency_key)
      select attempt, id, operation, key from begun where provider = $7
    )
    select attempt, ${paymentColumns} from begun`,
};
