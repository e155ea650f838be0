/**
 * Tells a person: the next number of their mailbox, the notification in the shop, the mail.
 *
 * Invariant: numbers of one person become visible in their order, because the mailbox's row is held until commit; and a
 * person who was forgotten is told nothing, because the erasure holds the same row.
 *
 * $1 user, $2 id of the notification, $3 template, $4 facts, $5 is it shown in the shop?, $6 event, $7 hours the mail is
 * good for, $8 traceparent. No row: the person was forgotten.
 */
export const tellPerson = {
  name: 'notification-tell',
  text: `with taken as (
      insert into mailbox as box (user_id, sequence) values ($1, 1)
      on conflict (user_id) do update set sequence = box.sequence + 1 where box.erased_at is null
      returning sequence
    ), shown as (
      insert into notification (id, user_id, sequence, template, facts)
      select $2::uuid, $1::uuid, sequence, $3::text, $4::jsonb from taken where $5::boolean
    ), queued as (
      insert into mail (event_id, template, user_id, facts, expires_at, traceparent)
      select $6::uuid, $3::text, $1::uuid, $4::jsonb, now() + $7 * interval '1 hour', $8::text from taken
      on conflict (event_id, template) do nothing
    )
    select sequence::float8 as sequence from taken`,
};
