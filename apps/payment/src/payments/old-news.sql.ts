import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';
import { paymentColumns } from './payment';

/**
 * The client cannot insert on a condition, nor find payments and write by them in one statement.
 *
 * Records webhooks that report nothing new, and finds their payments. Invariant: one is recorded only if the payment
 * currently knows the charge and its captured amount in that currency, and is in a status that such a charge does not
 * move. Later changes of the payment only make the report older. The commit therefore does not wait for the disk: if a
 * crash of the server loses it, the repeated webhook has the same result, and is recorded then. Rows are inserted in
 * the order of their ids, so that two batches cannot deadlock.
 *
 * $1 provider. Arrays with one element per webhook: $2 its id, $3 order, or null if only the charge identifies it, $4
 * provider's reference, $5 statuses that stay, as JSON, $6 minor units captured, $7 currency, or null if absent. Rows
 * contain the webhook's position in the arrays, from 1. No row: the charge is not ours.
 */
export const hearOldNews = {
  name: 'webhook-hear',
  text: `with asked as materialized (
      select * from ${unnestParameters(['text', 'uuid', 'text', 'jsonb', 'bigint', 'text'], 2)}
        with ordinality as asked(webhook, of_order, charge, stays, taken, in_currency, place)
    ), subject as materialized (
      select payments.*, webhook, charge, stays, taken, in_currency, place
      from asked join payments on order_id = of_order where provider = $1
      union all
      select payments.*, webhook, charge, stays, taken, in_currency, place
      from asked join payments on provider_reference = charge where of_order is null and provider = $1
    ), heard as (
      insert into webhook_events (provider, event_id)
      select distinct $1, webhook from subject
      where provider_reference = charge and stays ? status and taken in (0, captured)
        and currency = coalesce(in_currency, currency) and ${commitsAsynchronously}
      order by webhook
      on conflict do nothing
      returning event_id
    )
    select ${paymentColumns}, place::int as place, webhook in (select event_id from heard) as "isOld",
      exists (select from webhook_events where provider = $1 and event_id = webhook) as "isKnown"
    from subject`,
};
