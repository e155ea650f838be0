import type { NotificationDatabase } from '../database';
import { showNotification, toNotificationRow } from '../inbox/notification-view';

const maxOfEach = 500;

/** The data held about a person, newest first, for their data export. */
export async function exportPerson(
  { prisma }: NotificationDatabase,
  userId: string,
): Promise<Record<string, unknown>[]> {
  const notifications = await prisma.notification.findMany({
    where: { userId },
    orderBy: { sequence: 'desc' },
    take: maxOfEach,
  });
  const mailed = await prisma.mail.findMany({
    where: { userId },
    orderBy: { createdAt: 'desc' },
    take: maxOfEach,
    select: { template: true, state: true, reason: true, facts: true, createdAt: true, endedAt: true },
  });
  return [
    ...notifications.map((row) => ({ type: 'notification', ...showNotification(toNotificationRow(row)) })),
    ...mailed.map(({ createdAt, endedAt, ...row }) => ({
      type: 'mail',
      ...row,
      createdAt: createdAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    })),
  ];
}
