import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/**
 * The client cannot assign numbers and write the rows that contain them in one statement.
 *
 * Notifies people, each message once: the next number of their mailbox, the notification in the shop, the mail.
 *
 * Invariant: numbers of one person become visible in order, because the mailbox's row is locked until commit; and an
 * erased person gets no message, because the erasure locks the same row. Mailboxes are locked in the order of their
 * person ids, so that two batches cannot deadlock.
 *
 * Arrays with an element for each message: $1 users, $2 ids of the notifications, $3 templates, $4 facts, $5 is it
 * shown in the shop?, $6 events, $7 hours until the mail expires, $8 traceparents. No row: the person was erased.
 */
export const notifyPeople = {
  name: 'notification-tell',
  text: `with asked as (
      select *, row_number() over (partition by of_user order by place) as nth, count(*) over (partition by of_user) as many
      from ${unnestParameters(['uuid', 'uuid', 'text', 'jsonb', 'boolean', 'uuid', 'float8', 'text'])}
        with ordinality as asked(of_user, notice, by_template, with_facts, is_shown, event, hours, trace, place)
    ), taken as (
      insert into mailbox as box (user_id, sequence)
      select of_user, count(*) from asked group by of_user order by of_user
      on conflict (user_id) do update set sequence = box.sequence + excluded.sequence where box.erased_at is null
      returning user_id, sequence
    ), numbered as (
      select asked.*, taken.sequence - many + nth as number from asked join taken on of_user = user_id
    ), shown as (
      insert into notification (id, user_id, sequence, template, facts)
      select notice, of_user, number, by_template, with_facts from numbered where is_shown order by place
    ), queued as (
      insert into mail (event_id, template, user_id, facts, expires_at, traceparent)
      select event, by_template, of_user, with_facts, now() + hours * interval '1 hour', trace from numbered order by place
      on conflict (event_id, template) do nothing
    )
    select user_id as "userId", sequence::float8 as sequence from taken`,
};
