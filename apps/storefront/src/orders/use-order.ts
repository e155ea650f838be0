import { useEffect, useState } from 'react';
import { follow } from '../api/follow';
import { isTemporary } from '../api/problems';
import type { OrderDetails, OrderState } from '../api/types';
import { useShop } from '../shop';
import { type Load, useLoad } from '../ui/use-load';
import { usePolling } from '../ui/use-polling';
import { isOver } from './order-text';

/** Polling interval of an order that cannot be followed, or could not be loaded. */
const pollMs = 3_000;

/** An order and its transitions in real time: by server-sent events or, if these do not arrive, by polling. */
export function useOrder(orderId: string): Load<OrderDetails> & { readonly isInterrupted: boolean } {
  const { session } = useShop();
  const path = `/api/v1/orders/${encodeURIComponent(orderId)}`;
  const load = useLoad(orderId, (signal) => session.ask<OrderDetails>(path, { signal }));
  const [isInterrupted, setIsInterrupted] = useState(false);
  const { reload, value, error } = load;
  const isFollowed = value !== undefined && !isOver(value.state);

  useEffect(() => {
    if (!isFollowed) return;
    const ending = new AbortController();
    follow({
      path: `${path}/events`,
      send: session.send,
      signal: ending.signal,
      onEvent({ data }) {
        const { state } = JSON.parse(data) as { state: OrderState };
        // Other changes, such as the buyer's next action, are in the order itself.
        reload();
        return isOver(state) ? 'over' : undefined;
      },
      onConnection: (connection) => setIsInterrupted(connection === 'interrupted'),
    }).catch(() => setIsInterrupted(true));
    return () => {
      ending.abort();
      setIsInterrupted(false);
    };
  }, [path, isFollowed, session, reload]);

  usePolling(isInterrupted || isTemporary(error), reload, pollMs);
  return { ...load, isInterrupted };
}
