import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import { createBackoff } from './backoff';
import type { Slots } from './slots';
import { createWaker } from './waker';

export interface WorkerOptions<Item> {
  /** Name in logs. */
  readonly name: string;
  readonly slots: Slots;
  /**
   * Claims up to `limit` due pieces of work, with a lease, in one statement. Those of a crashed process are due again
   * once the lease has expired.
   */
  claim(limit: number): Promise<readonly Item[]>;
  /**
   * Whether due work may be left after a claim. Default: if it returned as many pieces as requested. A worker whose
   * piece is a whole batch of rows decides by the size of the batch.
   */
  mayBeMore?(items: readonly Item[], limit: number): boolean;
  /**
   * Completes one piece of work, or leaves it for later. An exception is logged and affects only this piece; return
   * `'unavailable'` if all pieces need something that is unavailable now: nothing is claimed for a while.
   */
  work(item: Item, signal: AbortSignal): Promise<void | 'unavailable'>;
  /** Maximum number of pieces per claim. Default 16. */
  readonly batch?: number;
  /** Polling interval in ms while nothing is due and nothing wakes it; ±10 %. */
  readonly pollMs: number;
  /**
   * Minimum and maximum delay after a claim failed or a piece found a dependency unavailable, ms: doubled each time
   * until a piece succeeds. A wake-up does not shorten it. Default: about `pollMs`.
   */
  readonly backoffMs?: { readonly min: number; readonly max: number };
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/**
 * Processes durable work, whichever process recorded it: claims what is due, and runs each piece in a slot of its own.
 */
export interface Worker {
  /** Signals that there may be work. Call it after the commit that recorded it: before, the work is not visible. */
  wake(): void;
  /** Works until the signal aborts; resolves once the work in progress has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether nothing is in progress, and nothing was claimable at the last check, which was after the last wake-up. */
  isIdle(): boolean;
  /**
   * Processes what is due now; resolves once that has ended and nothing more is due. For tests, and for tools that run
   * once.
   */
  runOnce(signal: AbortSignal): Promise<void>;
}

/**
 * Invariants: nothing is claimed without a slot for it; a hanging piece occupies one slot and nothing else; due work is
 * found immediately after `wake`, and by polling within `pollMs` if nothing could wake it, as after a crash. While a
 * dependency is unavailable it claims ever more rarely, however often it is woken.
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
      // Work in progress may meanwhile have been rescheduled, and may be due now.
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
