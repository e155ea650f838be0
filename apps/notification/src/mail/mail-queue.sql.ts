import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot skip rows that another replica has locked, and knows no time but that when a transaction began.
 *
 * A claimed mail belongs to one lease (`lease_owner`, new for every claim) until `due_at`; every later statement names
 * the lease and changes nothing once it was lost. Times are the database's: `clock_timestamp()` where they are written,
 * `statement_timestamp()` where rows are selected by them, since an index cannot be searched for a volatile value.
 *
 * Claiming a mail whose sender died while sending counts as an attempt, so that a mail that crashes its sender ends,
 * too.
 *
 * A claim does not wait for the disk: if a crash of the server loses it, the mail is due as before. Every later write
 * to the mail names its lease and does wait for the disk, and so for the claim too; nothing is sent under a lease that
 * could be lost.
 */
const claimed = `update mail set lease_owner = $1, due_at = clock_timestamp() + $2 * interval '1 ms',
      attempt = attempt + (state = 'sending')::int
    from next where mail.event_id = next.event_id and mail.template = next.template and ${commitsAsynchronously}
    returning mail.event_id as "eventId", mail.template, mail.user_id as "userId", mail.facts, mail.attempt,
      mail.lease_owner as lease, mail.traceparent, mail.expires_at <= clock_timestamp() as expired`;

/**
 * The client cannot skip locked rows. The mails that have been due for longest. $1 lease, $2 its duration in ms, $3
 * limit, $4 templates to claim
 */
export const claim = {
  name: 'mail-claim',
  text: `with next as materialized (
      select event_id, template from mail
      where state in ('queued', 'sending') and due_at <= statement_timestamp() and template = any ($4::text[])
      order by due_at limit $3
      for update skip locked
    )
    ${claimed}`,
};

/**
 * The client cannot skip locked rows. The mails that have expired, whatever they wait for. $1 lease, $2 its duration in
 * ms, $3 limit
 */
export const claimExpired = {
  name: 'mail-claim-expired',
  text: `with next as materialized (
      select event_id, template from mail
      where state in ('queued', 'sending') and expires_at <= statement_timestamp() and due_at <= statement_timestamp()
      order by expires_at limit $3
      for update skip locked
    )
    ${claimed}`,
};

const ofLease = 'where event_id = $1 and template = $2 and lease_owner = $3';

/**
 * The claimed mails of a batch, locked in the order of their keys, so that two batches cannot deadlock.
 * Arrays with an element for each: $1 events, $2 templates, $3 leases, and further columns as required.
 */
const held = (more: readonly string[], columns: string) => `with asked as (
      select * from ${unnestParameters(['uuid', 'text', 'uuid', ...more])} as asked(event, by_template, by_lease${columns})
    ), held as materialized (
      select asked.* from mail join asked on event_id = event and template = by_template and lease_owner = by_lease
      order by event, by_template for update of mail
    )`;

const ofHeld = 'from held where event_id = event and template = by_template';

/**
 * The client cannot compute a time relative to now, nor lock rows in an order. Committed before SMTP starts. Arrays as
 * for `held`, $4 duration of the leases from now, ms
 */
export const markSending = {
  name: 'mail-sending',
  text: `${held([], '')}
    update mail set state = 'sending', due_at = clock_timestamp() + $4 * interval '1 ms' ${ofHeld}
    returning event_id as "eventId", template`,
};

/** The client cannot compute a time relative to now. $4 ms from now, $5 attempts used, $6 reason */
export const putBack = {
  name: 'mail-put-back',
  text: `update mail set state = 'queued', lease_owner = null, due_at = clock_timestamp() + $4 * interval '1 ms',
    attempt = attempt + $5, reason = $6 ${ofLease}`,
};

/**
 * The client cannot calculate with times. Due again after half of its age, at least 1 s and at most 10 min. $4 reason
 */
export const postpone = {
  name: 'mail-postpone',
  text: `update mail set state = 'queued', lease_owner = null, reason = $4, due_at = clock_timestamp()
    + least(interval '10 min', greatest(interval '1 s', (clock_timestamp() - created_at) / 2)) ${ofLease}`,
};

/**
 * The client knows no time after the transaction began, nor gives each row its own values. Arrays as for `held`, $4
 * states, $5 reasons
 */
export const end = {
  name: 'mail-end',
  text: `${held(['text', 'text'], ', to_state, because')}
    update mail set state = to_state, reason = because, ended_at = clock_timestamp(), lease_owner = null ${ofHeld}`,
};

/** The client cannot calculate an age. The backlog, for metrics. */
export const waiting = {
  name: 'mail-waiting',
  text: `select count(*)::int as count,
      coalesce(extract(epoch from max(clock_timestamp() - created_at)), 0)::float8 as age
    from mail where state in ('queued', 'sending')`,
};
