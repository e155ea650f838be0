import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { NotificationDatabase } from '../database';
import type { NotifyDependencies } from '../inbox/notify';
import { templates } from '../templates/templates';
import { erasePerson } from './erasure.sql';

/**
 * Erases a person immediately, except for the farewell. Profile keeps the contact until notification has confirmed the
 * erasure, so that is done when the farewell ends, sent or given up: see the mail queue.
 */
export const createErasureEvents = ({
  database,
  followers,
  mailQueued,
}: Omit<NotifyDependencies, 'ids'> & { readonly database: NotificationDatabase }) =>
  subscribe(subscriptions.notificationErasure, ({ id, data, traceparent }, { tx: begun }) =>
    database.join(begun, async (tx) => {
      const { userId, erasureId } = data;
      await tx.query({ ...erasePerson.closeMailbox, values: [userId] });
      await tx.prisma.notification.deleteMany({ where: { userId } });
      await tx.prisma.mail.deleteMany({ where: { userId, template: { not: 'farewell' } } });
      const { goodForHours } = templates.farewell;
      await tx.query({
        ...erasePerson.queueFarewell,
        values: [userId, id, JSON.stringify({ erasureId }), goodForHours, traceparent ?? null],
      });
      tx.afterCommit(() => {
        followers.notify({ userId, sequence: 0, erased: true });
        mailQueued();
      });
    }),
  );
