import { sqlState } from '@bulkhead/database/errors';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from '../observer';
import { printable } from '../printable';
import { type GroupSource, type HeldMessage, MessageRefused, type SourceOptions } from '../transport';
import type { ClaimedDelivery, DeliveryTable } from './delivery-table';

export interface DeliverySourceOptions extends SourceOptions {
  readonly group: string;
  readonly table: DeliveryTable;
  readonly retryDelaysMs: readonly number[];
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
}

export interface DeliverySource extends GroupSource {
  /** Something was stored for this group, or has become due. */
  wake(): void;
}

/** Deliveries ending in a crash before a message is given up, as on RabbitMQ. */
const crashLimit = 20;
/** Writers and the transport's sweep trigger reads of the table; this is a fallback for both. */
const longestSleepMs = 5_000;
const backoffMs = { min: 100, max: 500 };

/**
 * A value that the database cannot store (class 22) or a violated constraint (23) is a refusal; everything else may be
 * temporary.
 */
function throwRefusal(error: unknown): never {
  if (/^2[23]/.test(sqlState(error) ?? ''))
    throw new MessageRefused('the database does not store it', { cause: error });
  throw error;
}

/** A delivery in progress. */
interface Piece extends ClaimedDelivery {
  /** Resolved once its row records the outcome. */
  end(): void;
}

/** The rows of one group: claims up to the prefetch count and renews their leases while they are in progress. */
export function createDeliverySource(options: DeliverySourceOptions): DeliverySource {
  const { group, table, clock, observer, leaseMs } = options;
  const closing = new AbortController();
  /** By delivery, not by position: a row that was returned may be claimed again before its first delivery has ended. */
  const inHand = new Set<Piece>();
  const positionsInHand = () => [...inHand].map(({ position }) => position);
  let wanted = false;
  let claiming: Promise<unknown> = Promise.resolve();

  const worker = createWorker<ClaimedDelivery>({
    name: `deliveries of ${group}`,
    slots: createSlots(() => options.prefetch),
    batch: options.prefetch,
    claim(room) {
      if (!wanted) return Promise.resolve([]);
      const claimed = table.claim(group, room, leaseMs);
      claiming = claimed.catch(() => undefined);
      return claimed;
    },
    async work(delivery) {
      const { position, deliveries } = delivery;
      if (deliveries > crashLimit)
        return table.bury(position, 'delivery-limit: handling it ended in a crash too often');
      const { promise, resolve } = Promise.withResolvers<void>();
      const piece = { ...delivery, end: resolve };
      inHand.add(piece);
      if (closing.signal.aborted) piece.end();
      options.onMessage(hold(piece));
      return promise;
    },
    pollMs: longestSleepMs,
    backoffMs,
    clock,
    logger: {
      warn: ({ error }: { readonly error?: unknown }) =>
        observer.trouble?.({ where: `taking deliveries of ${group}`, error }),
    },
  });

  /** Rows settled in the same iteration of the event loop, or while others were being removed, go in one statement. */
  let removals: { positions: string[]; done: Promise<void> } | undefined;
  let removing: Promise<void> = Promise.resolve();
  function remove(position: string): Promise<void> {
    if (!removals) {
      const next = { positions: [] as string[], done: Promise.resolve() };
      const begin = () => {
        removals = undefined;
        return table.remove(next.positions);
      };
      next.done = removing.then(begin);
      removing = next.done.catch(() => undefined);
      removals = next;
    }
    removals.positions.push(position);
    return removals.done;
  }

  /** A delivery is in progress until its row records the outcome. */
  async function release(piece: Piece, settle: () => Promise<void>): Promise<void> {
    await settle();
    inHand.delete(piece);
    piece.end();
  }

  function hold(piece: Piece): HeldMessage {
    const { position, messageId, body, attempt } = piece;
    return {
      message: { messageId, body: Buffer.from(body), attempt },
      isLost: () => !inHand.has(piece),
      ack: () => release(piece, () => remove(position)),
      retry: (delayIndex, nextAttempt) =>
        release(piece, () =>
          table.retry(position, options.retryDelaysMs[delayIndex] ?? 0, nextAttempt).catch(throwRefusal),
        ),
      dead: (reason) => release(piece, () => table.bury(position, printable(reason)).catch(throwRefusal)),
      drop: () => release(piece, () => table.remove([position])),
    };
  }

  async function renewLeases(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(leaseMs / 3, closing.signal).catch(() => undefined);
      if (inHand.size === 0 || closing.signal.aborted) continue;
      await table.renew(positionsInHand(), leaseMs).catch((error: unknown) => {
        observer.trouble?.({ where: `renewing deliveries of ${group}`, error });
      });
    }
  }

  const loops = Promise.all([worker.run(closing.signal), renewLeases()]);

  return {
    wake: worker.wake,
    resume() {
      wanted = true;
      worker.wake();
    },
    async suspend() {
      wanted = false;
      await claiming;
    },
    async close() {
      wanted = false;
      closing.abort();
      for (const { end } of inHand) end();
      await loops;
      const positions = positionsInHand();
      inHand.clear();
      if (positions.length > 0) await table.giveBack(positions).catch(() => undefined);
    },
  };
}
