import { pruneAll } from '@bulkhead/durable/prune';
import type { Queryable } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';

// The client cannot skip rows that another replica has locked.
const statements = [
  {
    name: 'prune-read-notifications',
    text: `delete from notification where id = any (array(select id from notification
      where read_at < now() - interval '1 year' limit $1 for update skip locked))`,
  },
  {
    name: 'prune-old-notifications',
    text: `delete from notification where id = any (array(select id from notification
      where created_at < now() - interval '3 years' limit $1 for update skip locked))`,
  },
  {
    name: 'prune-ended-mails',
    text: `with old as materialized (select event_id, template from mail
      where ended_at < now() - interval '30 days' limit $1 for update skip locked)
      delete from mail using old where mail.event_id = old.event_id and mail.template = old.template`,
  },
  {
    // No event is delivered after that: dead letters are kept for 14 days, the messaging inbox for 30.
    name: 'prune-closed-mailboxes',
    text: `delete from mailbox where user_id = any (array(select user_id from mailbox
      where erased_at < now() - interval '31 days' limit $1 for update skip locked))`,
  },
];

/** Deletes notifications read a year ago or unread for three, mails that ended, and the marks of erased people. */
export const createPruning = (db: Queryable): Job => ({
  name: 'prune-notifications',
  everyMs: 600_000,
  async run(signal) {
    for (const statement of statements) await pruneAll(db, statement, { signal });
  },
});
