/**
 * Invariant: after these statements and the removal between them, in one transaction, nothing of the person is left but
 * the farewell that is due, and no late event adds anything: it needs the mailbox's row, which the first statement
 * locks and marks. $1 is the person.
 */
export const erasePerson = {
  /** The client cannot keep the time of an existing row. */
  closeMailbox: {
    name: 'notification-erase-mailbox',
    text: `insert into mailbox as box (user_id, erased_at) values ($1, now())
      on conflict (user_id) do update set erased_at = coalesce(box.erased_at, now())`,
  },
  /** The client cannot compute a time relative to now. $2 event, $3 facts, $4 hours until it expires, $5 traceparent */
  queueFarewell: {
    name: 'notification-erase-farewell',
    text: `insert into mail (event_id, template, user_id, facts, expires_at, traceparent)
      values ($2, 'farewell', $1, $3::jsonb, now() + $4 * interval '1 hour', $5)
      on conflict (event_id, template) do nothing`,
  },
};
