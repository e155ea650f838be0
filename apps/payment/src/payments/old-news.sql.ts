import { paymentColumns } from './payment';

/**
 * Remembers a webhook that tells nothing new, and finds the payment that it is about. Invariant: it is remembered only
 * where the payment, as it is at this moment, knows the charge ($4), what was captured of it ($6) in that currency ($7),
 * and is in a status that such a charge does not move ($5). What the payment becomes later makes it older still.
 *
 * $1 provider, $2 id of the webhook, $3 order, or provider's reference
 */
const hear = (subject: string) => `with subject as materialized (
      select * from payments where ${subject} and provider = $1
    ), heard as (
      insert into webhook_events (provider, event_id)
      select $1, $2 from subject
      where provider_reference = $4 and status = any ($5) and $6::bigint in (0, captured)
        and currency = coalesce($7, currency)
      on conflict do nothing
      returning event_id
    )
    select ${paymentColumns}, exists (select from heard) as "isOld",
      exists (select from webhook_events where provider = $1 and event_id = $2) as "isKnown"
    from subject`;

export const hearOldNews = {
  byOrder: { name: 'webhook-hear-of-order', text: hear('order_id = $3::uuid') },
  byReference: { name: 'webhook-hear-of-charge', text: hear('provider_reference = $3') },
};
