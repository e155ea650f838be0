import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import { createBackoff } from './backoff';
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
  /**
   * Whether a claim may have left work that is due. Default: when it got as many pieces as it asked for. A worker whose
   * piece is a whole batch of rows sees it by the size of the batch.
   */
  mayBeMore?(items: readonly Item[], limit: number): boolean;
  /**
   * Does one piece of work to its end, or leaves it for later. What it throws is logged and concerns this piece only;
   * `'unavailable'` is returned where all pieces need what is unavailable now, and nothing is claimed for a while.
   */
  work(item: Item, signal: AbortSignal): Promise<void | 'unavailable'>;
  /** Pieces that are claimed at once, at most. Default 16. */
  readonly batch?: number;
  /** ms between two looks while nothing is due and nobody wakes it; ±10 %. */
  readonly pollMs: number;
  /**
   * Shortest and longest wait after a claim failed or a piece found something unavailable, ms: doubled each time until a
   * piece succeeds. A wake does not shorten it. Default: about `pollMs`.
   */
  readonly backoffMs?: { readonly min: number; readonly max: number };
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Does work that must end, whoever wrote it down: claims what is due, and does each piece in a place of its own. */
export interface Worker {
  /** There may be something to do. Call it after the commit that wrote it down: before, there is nothing to see. */
  wake(): void;
  /** Works until the signal aborts; resolves once what it had in hand has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether nothing is in hand, and nothing was claimable when last looked, which was after the last wake. */
  isIdle(): boolean;
  /** Does what is due now; resolves once that has ended and nothing more is due. For tests, and for tools that run once. */
  runOnce(signal: AbortSignal): Promise<void>;
}

/**
 * Invariants: nothing is claimed without a place for it; a piece that hangs holds one place and nothing else; what is
 * due is found by `wake` at once, and by looking within `pollMs` where nobody could wake it, as after a crash. While what
 * it needs is unavailable it claims ever more rarely, however often it is woken.
 */
export function createWorker<Item>(options: WorkerOptions<Item>): Worker {
  const { name, slots, claim, work, batch = 16, pollMs, clock, logger, random = Math.random } = options;
  const { mayBeMore = (items, limit) => items.length >= limit } = options;
  const { min, max } = options.backoffMs ?? { min: pollMs, max: pollMs };
  const backoff = createBackoff({ minMs: min, maxMs: max, random });
  const waker = createWaker(clock);
  const running = new Set<Promise<void>>();
  let isUnavailable = false;
  let isResting = false;

  function backOff(): void {
    isUnavailable = true;
    waker.wake();
  }

  function begin(item: Item, signal: AbortSignal): void {
    const piece = Promise.resolve()
      .then(() => work(item, signal))
      .then((outcome) => (outcome === 'unavailable' ? backOff() : backoff.reset()))
      .catch((error: unknown) => logger.warn({ operation: name, error }, 'work item was postponed'))
      .finally(() => {
        running.delete(piece);
        slots.give();
      });
    running.add(piece);
  }

  async function claimSome(places: number, signal: AbortSignal): Promise<readonly Item[]> {
    let items: readonly Item[] = [];
    waker.clear();
    try {
      items = await claim(places);
      for (const item of items) begin(item, signal);
    } catch (error) {
      backOff();
      if (!signal.aborted) logger.warn({ operation: name, error }, 'claiming work failed');
    } finally {
      slots.give(places - items.length);
    }
    return items;
  }

  async function rest(signal: AbortSignal): Promise<void> {
    isResting = true;
    await waker.wait(pollMs * (0.9 + 0.2 * random()), signal);
    isResting = false;
  }

  async function loop(signal: AbortSignal, once: boolean): Promise<void> {
    while (!signal.aborted) {
      if (isUnavailable && !once) {
        isUnavailable = false;
        await clock.sleep(backoff.next(), signal).catch(() => undefined);
        continue;
      }
      const places = slots.take(batch);
      if (places === 0) {
        await slots.whenFree(signal);
        continue;
      }
      // What was in hand meanwhile may have been left for later, and that may be now.
      const before = running.size;
      const items = await claimSome(places, signal);
      if (mayBeMore(items, places)) continue;
      if (!once) await rest(signal);
      else if (items.length + before === 0) break;
      else if (items.length === 0) await Promise.all(running);
    }
    await Promise.all(running);
  }

  return {
    wake() {
      isResting = false;
      waker.wake();
    },
    isIdle: () => isResting && running.size === 0,
    run: (signal) => loop(signal, false),
    runOnce: (signal) => loop(signal, true),
  };
}
