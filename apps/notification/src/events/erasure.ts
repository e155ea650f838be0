import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { TellDependencies } from '../inbox/tell';
import { templates } from '../templates/templates';
import { erasePerson } from './erasure.sql';

/**
 * Forgets a person at once, but for the farewell. Profile keeps the contact until notification has answered, so the
 * answer is given by who ends the farewell, sent or given up: see the mail queue.
 */
export const createErasureEvents = ({ followers, mailQueued }: Omit<TellDependencies, 'ids'>) =>
  subscribe(subscriptions.notificationErasure, async ({ id, data, traceparent }, { tx }) => {
    const { userId, erasureId } = data;
    await tx.query({ ...erasePerson.closeMailbox, values: [userId] });
    await tx.query({ ...erasePerson.forgetNotifications, values: [userId] });
    await tx.query({ ...erasePerson.forgetMails, values: [userId] });
    const { goodForHours } = templates.farewell;
    await tx.query({
      ...erasePerson.queueFarewell,
      values: [userId, id, JSON.stringify({ erasureId }), goodForHours, traceparent ?? null],
    });
    tx.afterCommit(() => {
      followers.tell({ userId, sequence: 0, erased: true });
      mailQueued();
    });
  });
