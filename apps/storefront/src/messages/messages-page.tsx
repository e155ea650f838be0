import { useEffect, useState } from 'react';
import { SignedOut } from '../account/signed-out';
import { follow } from '../api/follow';
import { isTemporary } from '../api/problems';
import type { Message, PageOf } from '../api/types';
import { dataLanguage } from '../language/language';
import { Link } from '../router/router';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { usePolling } from '../ui/use-polling';
import { useLanguage } from '../language/language-provider';

export function MessagesPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.messages.title} />;
  return <Messages />;
}

const perPage = 50;
/** Polling interval while the event stream is interrupted, or the list could not be loaded. */
const pollMs = 5_000;

/** The newest messages, and new ones as they arrive. */
function Messages() {
  const { t, format } = useLanguage();
  const { session } = useShop();
  const announce = useAnnounce();
  const { arrived } = t.messages;
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
        announce(arrived((JSON.parse(data) as Message).title));
        reload();
      },
      onConnection: (connection) => setIsInterrupted(connection === 'interrupted'),
    }).catch(() => setIsInterrupted(true));
    return () => ending.abort();
  }, [session, announce, arrived, reload]);
  // A live stream delivers new messages, but not the list that could not be loaded.
  usePolling(isInterrupted || isTemporary(error), reload, pollMs);

  const read = async ({ id }: Message) => {
    await session.send(`/api/v1/notifications/${id}/read`, { method: 'POST' }).catch(() => undefined);
    reload();
  };
  return (
    <Page title={t.messages.title} narrow>
      {error !== undefined && <Failure error={error} what={t.parts.messages} retry={reload} />}
      {value?.items.length === 0 && <p>{t.messages.none}</p>}
      <ul className="messages" aria-busy={isLoading}>
        {value?.items.map((message) => (
          <li key={message.id} className={message.readAt === null ? 'unread' : ''}>
            <h2>
              {message.readAt === null && <span className="unseen">{t.messages.unread}</span>}
              <span lang={dataLanguage}>{message.title}</span>
            </h2>
            <p lang={dataLanguage}>{message.text}</p>
            <p className="muted">
              <time dateTime={message.createdAt}>{format.date(message.createdAt)}</time>
            </p>
            <div className="actions">
              {message.orderId !== null && (
                <Link
                  to="order"
                  params={{ orderId: message.orderId }}
                  onClick={() => void (message.readAt === null && read(message))}
                >
                  {t.messages.seeOrder}
                  <span className="unseen">
                    {' '}
                    {t.messages.of} <span lang={dataLanguage}>{message.title}</span>
                  </span>
                </Link>
              )}
              {message.readAt === null && (
                <button type="button" className="quiet" onClick={() => void read(message)}>
                  {t.messages.markRead}
                  <span className="unseen">
                    : <span lang={dataLanguage}>{message.title}</span>
                  </span>
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}
