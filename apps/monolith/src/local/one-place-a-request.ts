import type { createListenerServer } from '@bulkhead/service/http/server';

type Listener = Parameters<typeof createListenerServer>[0];

/**
 * Each request holds one of `places` slots until its response is sent, and the others queue without a limit: the effect
 * of a thread pool, or of one database connection for the duration of each request (Django's ATOMIC_REQUESTS, Spring's
 * open session in view). One slow dependency then takes all slots. For comparison only.
 */
export function onePlaceARequest(listener: Listener, places: number): Listener {
  let free = places;
  const line: (() => void)[] = [];
  return (request, response) => {
    const begin = () => {
      if (response.destroyed) return next();
      response.once('close', next);
      listener(request, response);
    };
    const next = () => {
      const waiting = line.shift();
      if (waiting) waiting();
      else free += 1;
    };
    if (free === 0) return void line.push(begin);
    free -= 1;
    begin();
  };
}
