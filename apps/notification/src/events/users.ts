import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribeInBatches } from '@bulkhead/messaging/subscription';
import type { Notify } from '../inbox/notify';

const templateOf = {
  'user.registered.v1': 'welcome',
  'user.email-verification-requested.v1': 'email-verification',
  'user.password-reset-requested.v1': 'password-reset',
  'user.password-changed.v1': 'password-changed',
} as const;

export const createUserEvents = (notify: Notify) =>
  subscribeInBatches(subscriptions.notificationUsers, (events, { tx }) =>
    notify(
      tx,
      events.map(({ id, type, data: { userId, ...facts }, traceparent }) => ({
        eventId: id,
        userId,
        template: templateOf[type],
        facts,
        traceparent,
      })),
    ),
  );
