import { attentionAtKept, attentionKept } from './attention';
import { graceForAsker } from './lease';
import { paymentColumns } from './payment';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot write several tables, each row with its own values, in one statement.
 *
 * Moves payments, each by compare-and-set on the status, version and provider's reference that were read. Invariant:
 * everything that belongs to a move is written with it or not at all, in this one statement: the movement of money and
 * its entries, the events, the attempt's outcome, and the webhook that reported it. A payment that has changed since it
 * was read is skipped, without affecting the others.
 *
 * Rows are locked in the order of their ids, so that two batches cannot deadlock. If work is left, it is due soon
 * (later if the buyer has to act); if the payment rests, its lease ends and the provider's token for the means of
 * payment is deleted.
 *
 * Arrays with one element per move: $1 payments, $2 statuses read, $3 versions read, $4 provider's references read, $5
 * statuses to make, $6 reasons, $7 URLs of the next action, $8 minor units captured, $9 minor units refunded, $10 why
 * an operator has to look, $11 provider's references, $12 attempts that are done, $13 ids of webhooks, $14 ids and $15
 * kinds of the movements of money, $16 their minor units. $17 events for the outbox, each with the payment's id in its
 * data. $18 statuses with work left.
 */
export const movePayments = {
  name: 'payment-move',
  text: `with asked as (
      select * from ${unnestParameters(['uuid', 'text', 'int', 'text', 'text', 'text', 'text', 'bigint', 'bigint', 'text', 'text', 'uuid', 'text', 'uuid', 'text', 'bigint'])}
        as asked(payment, at_status, at_version, at_reference, to_status, because, action_url, taken, given_back,
          concern, charge, attempt, webhook, posting, posting_kind, posting_amount)
    ), held as materialized (
      select p.id as payment from payments p join asked on asked.payment = p.id order by p.id for update of p
    ), moved as (
      update payments set status = to_status, version = version + 1, updated_at = now(), tries = 0,
        reason = coalesce(because, reason), next_action_url = action_url, captured = captured + taken,
        refunded = refunded + given_back, provider_reference = coalesce(charge, provider_reference),
        payment_method = case when to_status in ('unknown', 'voiding') then payment_method end,
        waiting_since = case when to_status = 'unknown' then waiting_since else now() end,
        needs_attention_at = coalesce(${attentionAtKept}, case when concern is not null then now() end),
        attention = coalesce(${attentionKept}, concern),
        due_at = case when to_status = any ($18)
          then now() + case when to_status = 'requires_action' then interval '30 s' else ${graceForAsker} end end,
        lease = case when to_status = any ($18) and to_status <> 'requires_action' then lease end
      from asked join held using (payment)
      where id = payment and status = at_status and version = at_version
        and provider_reference is not distinct from at_reference
      returning payments.*, attempt, webhook, posting, posting_kind, posting_amount
    ), posted as (
      insert into ledger_transactions (id, payment_id, kind)
      select posting, id, posting_kind from moved where posting is not null
    ), entered as (
      insert into ledger_entries (transaction_id, account, currency, amount)
      select posting, account, currency, sign * posting_amount
      from moved, (values ('provider_receivable', 1), ('sales', -1)) as entry (account, sign)
      where posting is not null
    ), finished as (
      update provider_attempts set finished_at = now(), outcome = 'done'
      from moved where provider_attempts.id = moved.attempt
    ), heard as (
      insert into webhook_events (provider, event_id)
      select provider, webhook from moved where webhook is not null
      on conflict do nothing
    ), told as (
      insert into outbox (id, type, subject, payload)
      select event.id, event.type, event.subject, event.payload
      from rows from (jsonb_to_recordset($17::jsonb) as (id uuid, type text, subject text, payload jsonb))
        with ordinality as event(id, type, subject, payload, place)
        join moved on moved.id = (event.payload #>> '{data,paymentId}')::uuid
      order by event.place
    )
    select ${paymentColumns} from moved`,
};
