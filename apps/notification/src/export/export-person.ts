import type { Queryable } from '@bulkhead/database/database';
import { notificationColumns, type NotificationRow, showNotification } from '../inbox/notification-view';

const mostOfEach = 500;

const notifications = {
  name: 'export-notifications',
  text: `select ${notificationColumns} from notification where user_id = $1 order by sequence desc limit $2`,
};

const mails = {
  name: 'export-mails',
  text: `select template, state, reason, facts, created_at as "createdAt", ended_at as "endedAt"
    from mail where user_id = $1 order by created_at desc limit $2`,
};

interface MailRecord {
  readonly template: string;
  readonly state: string;
  readonly reason: string | null;
  readonly facts: unknown;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** What is held about a person, newest first, for the copy of their data. */
export async function exportPerson(db: Queryable, userId: string): Promise<Record<string, unknown>[]> {
  const values = [userId, mostOfEach];
  const told = await db.query<NotificationRow>({ ...notifications, values });
  const mailed = await db.query<MailRecord>({ ...mails, values });
  return [
    ...told.rows.map((row) => ({ type: 'notification', ...showNotification(row) })),
    ...mailed.rows.map(({ createdAt, endedAt, ...row }) => ({
      type: 'mail',
      ...row,
      createdAt: createdAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    })),
  ];
}
