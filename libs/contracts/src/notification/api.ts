import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { flag, Id, page, PageQuery, Timestamp } from '../primitives';

const tag = 'notifications';
const own = { kind: 'user' } as const;

/** Kinds of messages in the inbox; clients choose their texts by them. */
export const notificationKinds = [
  'welcome',
  'password-changed',
  'order-confirmed',
  'order-rejected',
  'order-cancelled',
  'order-expired',
  'order-refunded',
  'refund-paid',
  'refund-failed',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

export const Notification = z
  .object({
    id: Id,
    kind: z.enum(notificationKinds).meta({ id: 'NotificationKind', description: 'What a message is about' }),
    title: z.string(),
    text: z.string(),
    orderId: Id.nullable().meta({ description: 'the order it is about' }),
    createdAt: Timestamp,
    readAt: Timestamp.nullable(),
  })
  .meta({ id: 'Notification', description: 'A message of the shop to a person' });
export type Notification = z.infer<typeof Notification>;

const StreamPosition = z.object({
  sequence: z.int().min(0).meta({ description: 'of the last message before it, 0 for none' }),
});

/** Maximum number of a person's open streams on one server. */
export const maxStreamsPerUser = 5;

export const notificationApi = {
  listNotifications: defineEndpoint({
    operationId: 'listNotifications',
    method: 'get',
    path: '/api/v1/notifications',
    summary: 'The own inbox, newest first',
    description: '`streamNotifications` sends new ones as they arrive.',
    tag,
    access: own,
    priority: 'browse',
    query: PageQuery.extend({
      unread: flag('`true`: only those not read yet; `false`: only the others').optional(),
    }),
    responses: {
      200: { description: 'One page', schema: page(Notification) },
    },
  }),
  readNotification: defineEndpoint({
    operationId: 'readNotification',
    method: 'post',
    path: '/api/v1/notifications/{notificationId}/read',
    summary: 'Mark an own message as read',
    description: 'Again, it keeps the time of the first.',
    tag,
    access: own,
    priority: 'browse',
    retryable: true,
    params: z.object({ notificationId: Id }),
    responses: { 200: { description: 'The message', schema: Notification } },
    problems: ['not-found'],
  }),
  streamNotifications: defineEndpoint({
    operationId: 'streamNotifications',
    method: 'get',
    path: '/api/v1/notifications/stream',
    summary: 'Follow the own inbox as server-sent events',
    description:
      'Each new message is an event `notification` whose data is a Notification. Without Last-Event-ID it begins with ' +
      'what comes now; with it, after that message. An event `position` comes first, so that a stream can be resumed ' +
      `before its first message. At most ${maxStreamsPerUser} streams a user and server.`,
    tag,
    access: own,
    priority: 'browse',
    stream: true,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^[0-9]{1,15}$/, 'must be the id of an event of this stream')
        .optional()
        .meta({ description: 'id of the last event that was read, to go on after it', examples: ['41'] }),
    }),
    responses: {
      200: {
        description: 'The messages',
        contentType: 'text/event-stream',
        events: {
          position: {
            description: 'Where the stream begins: the first event of each',
            id: '41',
            data: StreamPosition,
          },
          notification: { description: 'A message came', id: '42', data: Notification },
        },
      },
    },
    problems: ['rate-limited'],
  }),
} as const;

export const notificationInternal = {
  exportUser: defineEndpoint({
    operationId: 'exportNotifications',
    method: 'get',
    path: '/internal/users/{userId}/export',
    summary: 'Everything that notification stores about a person',
    tag,
    access: { kind: 'service', callers: ['profile'] },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Their newest messages and mails, at most 1,000',
        schema: z.object({ items: z.array(z.record(z.string(), z.unknown())).max(1000) }),
      },
    },
  }),
} as const;
