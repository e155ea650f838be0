import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { Id, page, PageQuery, Timestamp } from '../primitives';

const tag = 'notifications';

export const NotificationKind = z
  .enum([
    'welcome',
    'password-changed',
    'order-confirmed',
    'order-rejected',
    'order-cancelled',
    'order-expired',
    'order-refunded',
  ])
  .meta({ id: 'NotificationKind', description: 'what it tells of' });

export const Notification = z
  .object({
    id: Id,
    sequence: z
      .int()
      .min(1)
      .meta({ description: 'grows with every notification of the person; the id of its stream event' }),
    kind: NotificationKind,
    title: z.string(),
    text: z.string(),
    orderId: Id.nullable().meta({ description: 'the order it is about; null where there is none' }),
    createdAt: Timestamp,
    readAt: Timestamp.nullable().meta({ description: 'null: unread' }),
  })
  .meta({ id: 'Notification' });

/** Streams that a person may have open on one server. */
export const maxStreamsPerUser = 5;

export const notificationApi = {
  listNotifications: defineEndpoint({
    operationId: 'listNotifications',
    method: 'get',
    path: '/api/v1/notifications',
    summary: 'List the own notifications, newest first',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    query: PageQuery.extend({
      unread: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'only the unread ones, or only those that were read' }),
    }),
    responses: { 200: { description: 'One page', schema: page(Notification) } },
  }),
  readNotification: defineEndpoint({
    operationId: 'readNotification',
    method: 'post',
    path: '/api/v1/notifications/{notificationId}/read',
    summary: 'Mark an own notification as read',
    description: 'Again changes nothing: the time of the first reading stays.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    retryable: true,
    params: z.object({ notificationId: Id }),
    responses: { 200: { description: 'The notification as it is now', schema: Notification } },
    problems: ['not-found'],
  }),
  streamNotifications: defineEndpoint({
    operationId: 'streamNotifications',
    method: 'get',
    path: '/api/v1/notifications/stream',
    summary: 'Follow the own notifications as server-sent events',
    description:
      'First an event `position`, whose id tells where the stream begins; then each notification as an event ' +
      '`notification`, whose id is its sequence and whose data is a Notification. Begins after Last-Event-ID, else ' +
      `after \`after\`, else with what comes from now on. At most ${maxStreamsPerUser} streams a user and server.`,
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    stream: true,
    query: z.object({
      after: z
        .string()
        .regex(/^[0-9]{1,15}$/, 'must be the sequence of a notification')
        .optional()
        .meta({ description: 'sequence of the newest notification that is known already; 0 for none' }),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^[0-9]{1,15}$/, 'must be the id of an event of this stream')
        .optional(),
    }),
    responses: { 200: { description: 'The notifications', contentType: 'text/event-stream' } },
    problems: ['rate-limited'],
  }),
} as const;

export const notificationInternal = {
  exportUser: defineEndpoint({
    operationId: 'exportNotifications',
    method: 'get',
    path: '/internal/users/{userId}/export',
    summary: 'What notification holds about a person',
    tag: 'internal',
    access: { kind: 'service', callers: ['profile'] },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Their newest notifications and mails, at most 500 of each; none for an unknown person',
        schema: z.object({ items: z.array(z.record(z.string(), z.unknown())).max(1000) }),
      },
    },
  }),
} as const;
