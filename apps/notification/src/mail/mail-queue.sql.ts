/**
 * A mail that is claimed belongs to one lease (`lease_owner`, new for every claim) until `due_at`; every later statement
 * names the lease and changes nothing once it was lost. Time is the database's: `clock_timestamp()` where it is written,
 * `statement_timestamp()` where rows are found by it, since an index cannot be searched for a value that changes.
 *
 * Taking up one whose sender died while sending counts as an attempt, so that a mail that kills its sender ends, too.
 */
const claimed = `update mail set lease_owner = $1, due_at = clock_timestamp() + $2 * interval '1 ms',
      attempt = attempt + (state = 'sending')::int
    from next where mail.event_id = next.event_id and mail.template = next.template
    returning mail.event_id as "eventId", mail.template, mail.user_id as "userId", mail.facts, mail.attempt,
      mail.lease_owner as lease, mail.traceparent, mail.expires_at <= clock_timestamp() as expired`;

/** Those that have been due for longest. $1 lease, $2 its length in ms, $3 how many, $4 templates to take up */
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

/** Those that are of no use any more, whatever they wait for. $1 lease, $2 its length in ms, $3 how many */
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

/** Committed before SMTP begins. $4 length of the lease from now, ms */
export const markSending = {
  name: 'mail-sending',
  text: `update mail set state = 'sending', due_at = clock_timestamp() + $4 * interval '1 ms' ${ofLease}`,
};

/** $4 ms from now, $5 attempts used up, $6 why */
export const putBack = {
  name: 'mail-put-back',
  text: `update mail set state = 'queued', lease_owner = null, due_at = clock_timestamp() + $4 * interval '1 ms',
    attempt = attempt + $5, reason = $6 ${ofLease}`,
};

/** Looks again after half of its age, at least 1 s and at most 10 min. $4 why */
export const postpone = {
  name: 'mail-postpone',
  text: `update mail set state = 'queued', lease_owner = null, reason = $4, due_at = clock_timestamp()
    + least(interval '10 min', greatest(interval '1 s', (clock_timestamp() - created_at) / 2)) ${ofLease}`,
};

/** $4 state, $5 why */
export const end = {
  name: 'mail-end',
  text: `update mail set state = $4, reason = $5, ended_at = clock_timestamp(), lease_owner = null ${ofLease}`,
};

/** A farewell leaves nothing behind. */
export const remove = { name: 'mail-remove', text: `delete from mail ${ofLease}` };

/** What waits, for metrics. */
export const waiting = {
  name: 'mail-waiting',
  text: `select count(*)::int as count,
      coalesce(extract(epoch from max(clock_timestamp() - created_at)), 0)::float8 as age
    from mail where state in ('queued', 'sending')`,
};
