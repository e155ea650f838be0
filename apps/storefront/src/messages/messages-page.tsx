import { useEffect, useState } from 'react';
import { SignedOut } from '../account/signed-out';
import { follow } from '../api/follow';
import type { Message, PageOf } from '../api/types';
import { Link } from '../router/router';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { formatDate } from '../ui/format';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';

export function MessagesPage() {
  if (!useIsSignedIn()) return <SignedOut title="Your messages" />;
  return <Messages />;
}

const perPage = 50;
/** Between two looks while messages do not come by themselves. */
const pollMs = 5_000;

/** The newest messages, and others as they come. */
function Messages() {
  const { session } = useShop();
  const announce = useAnnounce();
  const { value, error, isLoading, reload } = useLoad('messages', (signal) =>
    session.ask<PageOf<Message>>(`/api/v1/notifications?limit=${perPage}`, { signal }),
  );
  const [isInterrupted, setIsInterrupted] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    follow({
      path: '/api/v1/notifications/stream',
      send: session.send,
      signal: ending.signal,
      onEvent({ event, data }) {
        if (event !== 'notification') return;
        announce(`New message: ${(JSON.parse(data) as Message).title}`);
        reload();
      },
      onConnection: (connection) => setIsInterrupted(connection === 'interrupted'),
    }).catch(() => setIsInterrupted(true));
    return () => ending.abort();
  }, [session, announce, reload]);
  useEffect(() => {
    if (!isInterrupted) return;
    const timer = setInterval(reload, pollMs);
    return () => clearInterval(timer);
  }, [isInterrupted, reload]);

  const read = async ({ id }: Message) => {
    await session.send(`/api/v1/notifications/${id}/read`, { method: 'POST' }).catch(() => undefined);
    reload();
  };
  return (
    <Page title="Your messages" narrow>
      {error !== undefined && <Failure error={error} what="The list of your messages" retry={reload} />}
      {value?.items.length === 0 && (
        <p>There are none yet. What becomes of your orders is told here, and by mail.</p>
      )}
      <ul className="messages" aria-busy={isLoading}>
        {value?.items.map((message) => (
          <li key={message.id} className={message.readAt === null ? 'unread' : ''}>
            <h2>
              {message.readAt === null && <span className="unseen">Unread: </span>}
              {message.title}
            </h2>
            <p>{message.text}</p>
            <p className="muted">
              <time dateTime={message.createdAt}>{formatDate(message.createdAt)}</time>
            </p>
            <div className="actions">
              {message.orderId !== null && (
                <Link
                  to="order"
                  params={{ orderId: message.orderId }}
                  onClick={() => void (message.readAt === null && read(message))}
                >
                  See the order<span className="unseen"> of: {message.title}</span>
                </Link>
              )}
              {message.readAt === null && (
                <button type="button" className="quiet" onClick={() => void read(message)}>
                  Mark as read<span className="unseen">: {message.title}</span>
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}
