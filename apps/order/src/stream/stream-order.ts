import { problem } from '@bulkhead/service/errors';
import type { EventStream } from '@bulkhead/service/http/event-stream';
import type { OrderReader } from '../orders/order-reader';
import { toTransition, type TransitionRow } from '../orders/order-view';
import { isFinal } from '../saga/states';
import type { WatchTimeline } from './timeline-feed';

export interface StreamLimits {
  readonly perUser: number;
  readonly total: number;
}

/**
 * Streams the transitions of an order until it ends. A stream that resumes after a final state ends immediately, unless
 * the order has continued (a refund).
 */
export function createStreamOrder(orders: OrderReader, watch: WatchTimeline, limits: StreamLimits) {
  const openOf = new Map<string, number>();
  let open = 0;

  return async function streamOrder(
    userId: string,
    orderId: string,
    after: number,
    stream: EventStream,
  ): Promise<void> {
    const mine = openOf.get(userId) ?? 0;
    if (mine >= limits.perUser) throw problem('rate-limited', { headers: { 'retry-after': '10' } });
    if (open >= limits.total) throw problem('overloaded', { headers: { 'retry-after': '10' } });
    openOf.set(userId, mine + 1);
    open += 1;
    try {
      await follow(userId, orderId, after, stream);
    } finally {
      open -= 1;
      const left = (openOf.get(userId) ?? 1) - 1;
      if (left > 0) openOf.set(userId, left);
      else openOf.delete(userId);
    }
  };

  async function follow(userId: string, orderId: string, after: number, stream: EventStream): Promise<void> {
    const order = await orders.ofUser(userId, orderId);
    if (!order) throw problem('not-found');
    if (after >= order.version && isFinal(order.state)) return;

    for await (const transition of transitionsOf(orderId, after, stream.signal)) {
      await stream.send({
        id: String(transition.sequence),
        event: 'transition',
        data: toTransition(transition),
      });
      if (isFinal(transition.state) && transition.sequence >= order.version) return;
    }
  }

  /** Ends when the signal aborts. The backlog is bounded by the few transitions of one order. */
  async function* transitionsOf(
    orderId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<TransitionRow> {
    const waiting: TransitionRow[] = [];
    let wake: () => void = () => undefined;
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    const unwatch = watch(orderId, after, (transitions) => {
      waiting.push(...transitions);
      wake();
    });
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      unwatch();
      signal.removeEventListener('abort', onAbort);
    }
  }
}

export type StreamOrder = ReturnType<typeof createStreamOrder>;
