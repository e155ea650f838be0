import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Slots } from './slots';
import { createWaker } from './waker';

export interface WorkerOptions<Item> {
  /** Names it in logs. */
  readonly name: string;
  readonly slots: Slots;
  /**
   * Claims up to `limit` pieces of work that are due, by a lease, in one statement. Those of a process that died are due
   * again once its lease is over.
   */
  claim(limit: number): Promise<readonly Item[]>;
  /** Does one piece of work to its end, or leaves it for later. What it throws is logged. */
  work(item: Item, signal: AbortSignal): Promise<void>;
  /** Pieces that are claimed at once, at most. Default 16. */
  readonly batch?: number;
  /** ms between two looks while nothing is due and nobody wakes it; ±10 %. */
  readonly pollMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Does work that must end, whoever wrote it down: claims what is due, and does each piece in a place of its own. */
export interface Worker {
  /** There may be something to do. Call it after the commit that wrote it down: before, there is nothing to see. */
  wake(): void;
  /** Works until the signal aborts; resolves once what it had in hand has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Does what is due now; resolves once that has ended and nothing more is due. For tests, and for tools that run once. */
  runOnce(signal: AbortSignal): Promise<void>;
}

/**
 * Invariants: nothing is claimed without a place for it; a piece that hangs holds one place and nothing else; what is
 * due is found by `wake` at once, and by looking within `pollMs` where nobody could wake it, as after a crash.
 */
export function createWorker<Item>(options: WorkerOptions<Item>): Worker {
  const { name, slots, claim, work, batch = 16, pollMs, clock, logger, random = Math.random } = options;
  const waker = createWaker(clock);
  const running = new Set<Promise<void>>();

  function begin(item: Item, signal: AbortSignal): void {
    const piece = Promise.resolve()
      .then(() => work(item, signal))
      .catch((error: unknown) => logger.warn({ operation: name, error }, 'work item was postponed'))
      .finally(() => {
        running.delete(piece);
        slots.give();
      });
    running.add(piece);
  }

  /** @returns how many were claimed */
  async function claimSome(places: number, signal: AbortSignal): Promise<number> {
    let items: readonly Item[] = [];
    try {
      items = await claim(places);
      for (const item of items) begin(item, signal);
    } catch (error) {
      if (!signal.aborted) logger.warn({ operation: name, error }, 'claiming work failed');
    } finally {
      slots.give(places - items.length);
    }
    return items.length;
  }

  return {
    wake: () => waker.wake(),
    async run(signal) {
      while (!signal.aborted) {
        const places = slots.take(batch);
        if (places === 0) await slots.whenFree(signal);
        else if ((await claimSome(places, signal)) < places)
          await waker.wait(pollMs * (0.9 + 0.2 * random()), signal);
      }
      await Promise.all(running);
    },
    async runOnce(signal) {
      let isIdle = false;
      while (!isIdle && !signal.aborted) {
        const places = slots.take(batch);
        if (places === 0) {
          await slots.whenFree(signal);
          continue;
        }
        // What was in hand meanwhile may have been left for later, and that may be now.
        const before = running.size;
        const claimed = await claimSome(places, signal);
        isIdle = claimed + before === 0;
        if (claimed === 0) await Promise.all(running);
      }
      await Promise.all(running);
    },
  };
}
