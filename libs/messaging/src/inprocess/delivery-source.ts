import { sqlState } from '@bulkhead/database/errors';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from '../observer';
import { printable } from '../printable';
import { type GroupSource, type HeldMessage, MessageRefused, type SourceOptions } from '../transport';
import { createWaker } from '@bulkhead/durable/waker';
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

/** Deliveries that end in a crash before a message is given up, as on RabbitMQ. */
const crashLimit = 20;
/** The table is asked by whoever stores and by the transport's sweep; this is the net under both. */
const longestSleepMs = 5_000;

/** A value that the database does not store (class 22), or a constraint (23), is a refusal; all else may pass. */
function throwRefusal(error: unknown): never {
  if (/^2[23]/.test(sqlState(error) ?? ''))
    throw new MessageRefused('the database does not store it', { cause: error });
  throw error;
}

/** One group's rows: claims as many as may be in hand, and renews their leases for as long as they are. */
export function createDeliverySource(options: DeliverySourceOptions): DeliverySource {
  const { group, table, clock, observer, leaseMs } = options;
  const waker = createWaker(clock);
  const closing = new AbortController();
  const inHand = new Set<string>();
  let wanted = false;
  let claiming: Promise<void> = Promise.resolve();
  /** Whether more may have been there than there was room for. What is stored after a claim wakes it by itself. */
  let isFull = false;

  /** @returns whether there may be more, for which there is room */
  async function claim(): Promise<boolean> {
    const room = options.prefetch - inHand.size;
    if (!wanted) return false;
    isFull = true;
    if (room <= 0) return false;
    const claimed = await table.claim(group, room, leaseMs);
    isFull = claimed.length === room;
    for (const delivery of claimed) {
      inHand.add(delivery.position);
      if (delivery.deliveries > crashLimit) {
        await release(delivery, () =>
          table.bury(delivery.position, 'delivery-limit: handling it ended in a crash too often'),
        );
      } else options.onMessage(hold(delivery));
    }
    return isFull && inHand.size < options.prefetch;
  }

  /** Rows of what was handled in the same turn, or while others were being removed, go in one statement. */
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

  /** Once its row says what becomes of it, a delivery is not in hand any more. */
  async function release({ position }: ClaimedDelivery, settle: () => Promise<void>): Promise<void> {
    await settle();
    inHand.delete(position);
    if (isFull) waker.wake();
  }

  function hold(delivery: ClaimedDelivery): HeldMessage {
    const { position, messageId, body, attempt } = delivery;
    return {
      message: { messageId, body: Buffer.from(body), attempt },
      isLost: () => !inHand.has(position),
      ack: () => release(delivery, () => remove(position)),
      retry: (delayIndex, nextAttempt) =>
        release(delivery, () =>
          table.retry(position, options.retryDelaysMs[delayIndex] ?? 0, nextAttempt).catch(throwRefusal),
        ),
      dead: (reason) => release(delivery, () => table.bury(position, printable(reason)).catch(throwRefusal)),
      drop: () => release(delivery, () => table.remove([position])),
    };
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      let more = false;
      const claimed = claim().catch((error: unknown) => {
        observer.trouble?.({ where: `taking deliveries of ${group}`, error });
        return false;
      });
      claiming = claimed.then(() => undefined);
      more = await claimed;
      if (!more) await waker.wait(longestSleepMs, closing.signal);
    }
  }

  async function renewLeases(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(leaseMs / 3, closing.signal).catch(() => undefined);
      if (inHand.size === 0 || closing.signal.aborted) continue;
      await table.renew([...inHand], leaseMs).catch((error: unknown) => {
        observer.trouble?.({ where: `renewing deliveries of ${group}`, error });
      });
    }
  }

  const loops = Promise.all([run(), renewLeases()]);

  return {
    wake: waker.wake,
    resume() {
      wanted = true;
      waker.wake();
    },
    async suspend() {
      wanted = false;
      await claiming;
    },
    async close() {
      wanted = false;
      closing.abort();
      await loops;
      const positions = [...inHand];
      inHand.clear();
      if (positions.length > 0) await table.giveBack(positions).catch(() => undefined);
    },
  };
}
