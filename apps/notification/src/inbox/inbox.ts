import type { Queryable } from '@bulkhead/database/database';
import { notificationColumns, type NotificationRow } from './notification-view';

/** Newest first. $1 user, $2 sequence of the last one seen or null, $3 limit */
const list = (condition: string, name: string) => ({
  name,
  text: `select ${notificationColumns} from notification
    where user_id = $1 and ($2::bigint is null or sequence < $2) ${condition}
    order by sequence desc limit $3`,
});

const lists = {
  all: list('', 'notification-list'),
  unread: list('and read_at is null', 'notification-list-unread'),
  read: list('and read_at is not null', 'notification-list-read'),
};

/** Oldest first. $1 user, $2 after, $3 up to, $4 limit */
const between = {
  name: 'notification-between',
  text: `select ${notificationColumns} from notification
    where user_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4`,
};

/** $1 id, $2 user */
const markRead = {
  name: 'notification-mark-read',
  text: `update notification set read_at = coalesce(read_at, now()) where id = $1 and user_id = $2
    returning ${notificationColumns}`,
};

const position = {
  name: 'mailbox-position',
  text: 'select sequence::float8 as sequence from mailbox where user_id = $1',
};

export interface InboxQuery {
  readonly which: keyof typeof lists;
  /** Sequence of the last one of the page before. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** What a person was told in the shop. Every statement names the person. */
export function createInbox(db: Queryable) {
  return {
    async list(userId: string, { which, before, limit }: InboxQuery): Promise<NotificationRow[]> {
      const values = [userId, before ?? null, limit];
      return (await db.query<NotificationRow>({ ...lists[which], values })).rows;
    },

    async between(userId: string, after: number, upTo: number, limit: number): Promise<NotificationRow[]> {
      return (await db.query<NotificationRow>({ ...between, values: [userId, after, upTo, limit] })).rows;
    },

    /** @returns undefined when the person has no such notification */
    async markRead(userId: string, id: string): Promise<NotificationRow | undefined> {
      return (await db.query<NotificationRow>({ ...markRead, values: [id, userId] })).rows[0];
    },

    /** Sequence of the last message to the person; 0 before the first. */
    async position(userId: string): Promise<number> {
      const { rows } = await db.query<{ sequence: number }>({ ...position, values: [userId] });
      return rows[0]?.sequence ?? 0;
    },
  };
}

export type Inbox = ReturnType<typeof createInbox>;
