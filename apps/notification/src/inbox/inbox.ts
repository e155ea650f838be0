import { databaseNow } from '@bulkhead/database/prisma';
import type { NotificationDatabase } from '../database';
import { type NotificationRow, toNotificationRow } from './notification-view';

const readAt = { all: {}, unread: { readAt: null }, read: { readAt: { not: null } } };

export interface InboxQuery {
  readonly which: keyof typeof readAt;
  /** Sequence number of the last notification of the previous page. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** A person's notifications in the shop. Every statement filters by the person. */
export function createInbox({ prisma }: NotificationDatabase) {
  return {
    /** Newest first. */
    async list(userId: string, { which, before, limit }: InboxQuery): Promise<NotificationRow[]> {
      const rows = await prisma.notification.findMany({
        where: { userId, ...(before !== undefined && { sequence: { lt: before } }), ...readAt[which] },
        orderBy: { sequence: 'desc' },
        take: limit,
      });
      return rows.map(toNotificationRow);
    },

    /** Oldest first. */
    async between(userId: string, after: number, upTo: number, limit: number): Promise<NotificationRow[]> {
      const rows = await prisma.notification.findMany({
        where: { userId, sequence: { gt: after, lte: upTo } },
        orderBy: { sequence: 'asc' },
        take: limit,
      });
      return rows.map(toNotificationRow);
    },

    /**
     * The time of the first read is kept.
     * @returns undefined if the person has no such notification
     */
    async markRead(userId: string, id: string): Promise<NotificationRow | undefined> {
      await prisma.notification.updateMany({
        where: { id, userId, readAt: null },
        data: { readAt: databaseNow },
      });
      const row = await prisma.notification.findFirst({ where: { id, userId } });
      return row ? toNotificationRow(row) : undefined;
    },

    /** Sequence number of the last message to the person; 0 before the first. */
    async position(userId: string): Promise<number> {
      const mailbox = await prisma.mailbox.findUnique({ where: { userId }, select: { sequence: true } });
      return Number(mailbox?.sequence ?? 0);
    },
  };
}

export type Inbox = ReturnType<typeof createInbox>;
