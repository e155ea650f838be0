import type { Notification } from '@bulkhead/contracts/notification/api';
import type { Notification as StoredNotification } from '../generated/prisma/client';
import { type TemplateName, templates } from '../templates/templates';

export interface NotificationRow {
  readonly id: string;
  readonly sequence: number;
  readonly template: TemplateName;
  readonly facts: unknown;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export const toNotificationRow = ({ sequence, template, ...row }: StoredNotification): NotificationRow => ({
  ...row,
  sequence: Number(sequence),
  template: template as TemplateName,
});

/**
 * A notification as shown to its owner. Its text is rendered on read, so that an improved wording applies to old ones
 * too.
 */
export function showNotification(row: NotificationRow): Notification {
  const notice = templates[row.template].notice;
  if (!notice) throw new Error(`${row.template} is not shown in the shop`);
  const { title, text, orderId = null } = notice.write(row.facts);
  return {
    id: row.id,
    kind: notice.kind,
    title,
    text,
    orderId,
    createdAt: row.createdAt.toISOString(),
    readAt: row.readAt?.toISOString() ?? null,
  };
}
