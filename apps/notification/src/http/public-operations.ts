import { notificationApi } from '@bulkhead/contracts/notification/api';
import { problem } from '@bulkhead/service/errors';
import { decodeCursor, nextPage } from '@bulkhead/service/http/cursor';
import { implement, implementStream, type Operation } from '@bulkhead/service/http/operation';
import type { Clock } from '@bulkhead/resilience/clock';
import { z } from 'zod';
import { followInbox } from '../inbox/follow-inbox';
import type { Followers } from '../inbox/followers';
import type { Inbox } from '../inbox/inbox';
import { showNotification } from '../inbox/notification-view';
import { createStreamPlaces } from '../inbox/stream-places';

const Position = z.int().min(0);

export function publicOperations(dependencies: {
  readonly inbox: Inbox;
  readonly followers: Followers;
  readonly clock: Clock;
}): Operation[] {
  const { inbox } = dependencies;
  const places = createStreamPlaces();
  return [
    implement(notificationApi.listNotifications, async ({ query }, { user }) => {
      const which = query.unread === undefined ? 'all' : query.unread === 'true' ? 'unread' : 'read';
      const before = decodeCursor(query.cursor, Position);
      const rows = await inbox.list(user.id, { which, before, limit: query.limit + 1 });
      const items = rows.slice(0, query.limit);
      const last = rows.length > items.length ? items.at(-1) : undefined;
      const next = nextPage(notificationApi.listNotifications.path, query, last?.sequence);
      return { status: 200, body: { items: items.map(showNotification), ...next } };
    }),

    implement(notificationApi.readNotification, async ({ params }, { user }) => {
      const row = await inbox.markRead(user.id, params.notificationId);
      if (!row) throw problem('not-found', 'There is no such notification.');
      return { status: 200, body: showNotification(row) };
    }),

    implementStream(notificationApi.streamNotifications, async ({ headers }, { user }, stream) => {
      const giveBack = places.take(user.id);
      const after = headers['last-event-id'];
      try {
        await followInbox(dependencies, user.id, after === undefined ? undefined : Number(after), stream);
      } finally {
        giveBack();
      }
    }),
  ];
}
