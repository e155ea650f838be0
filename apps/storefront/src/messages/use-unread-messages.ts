import { useEffect, useState } from 'react';
import type { Message, PageOf } from '../api/types';
import { useRouter } from '../router/router';
import { useIsSignedIn, useShop } from '../shop';

const everyMs = 20_000;

/** The number of unread messages. While it cannot be loaded, the last value is kept: the page must not wait for it. */
export function useUnreadMessages(): number {
  const { session } = useShop();
  const { visit } = useRouter();
  const isSignedIn = useIsSignedIn();
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!isSignedIn) return setCount(0);
    const ending = new AbortController();
    const look = () => {
      if (document.visibilityState === 'hidden') return;
      session
        .ask<PageOf<Message>>('/api/v1/notifications?unread=true&limit=100', { signal: ending.signal })
        .then(
          ({ items }) => ending.signal.aborted || setCount(items.length),
          () => undefined,
        );
    };
    look();
    const timer = setInterval(look, everyMs);
    return () => {
      ending.abort();
      clearInterval(timer);
    };
  }, [session, isSignedIn, visit]);
  return count;
}
