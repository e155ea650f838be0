import {
  type AdaptiveLimit,
  type AdaptiveLimitOptions,
  createAdaptiveLimit,
  type Release,
} from './adaptive-limit';
import type { Deadline } from './deadline';
import { AdmissionRefused, DeadlineExceeded, type RefusalReason } from './errors';
import { highestFirst, type Priority } from './priority';
import { createWaitingLine, type LinePlace, type WaitingLine } from './waiting-line';

export interface AdmissionQueueOptions extends Omit<AdaptiveLimitOptions, 'released'> {
  /** Maximum number of waiting requests, of all priorities. Default 512; 0 disables the queue. */
  readonly maxQueued?: number;
  /** Maximum predicted wait of an admitted request, in ms. Default 250 for browsing, 1,000 for buying and paying. */
  readonly delayMs?: Readonly<Record<Priority, number>>;
  readonly observer?: AdmissionObserver;
  /**
   * How long a request that is read now has already waited in its socket while the event loop was busy, in ms. Called
   * for each request. Default: 0.
   */
  readonly lateMs?: () => number;
}

/** Reports the outcome of requests that found no free slot; for metrics. Must not throw. */
export interface AdmissionObserver {
  /** Admitted after a wait of `waitMs`. */
  waited?(priority: Priority, waitMs: number): void;
  refused?(priority: Priority, reason: RefusalReason): void;
}

export interface Waiting {
  readonly priority: Priority;
  /** See `tryAcquire`. */
  readonly kind?: string;
  /** The wait ends when the deadline passes; it does not start if it would. */
  readonly deadline?: Pick<Deadline, 'remainingMs'>;
  /** The wait ends when the signal aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A concurrency limit with a queue in front of it: `tryAcquire(…) ?? (await wait(…))`. */
export interface AdmissionQueue extends AdaptiveLimit {
  /**
   * Waits for a slot. First come, first served within a priority; a higher priority goes before a lower one.
   * @throws AdmissionRefused immediately if the wait would be too long; DeadlineExceeded or the signal's reason if the
   *   wait was in vain. The work must not be started then.
   */
  wait(waiting: Waiting): Promise<Release>;
  /**
   * Whether a request that called `wait` now would be rejected. If so, it is counted as rejected and must not continue.
   * Call it before any other work: a rejected request should be free.
   * @returns the reason for the rejection; undefined if there is room, which is not a guarantee
   */
  refuses(waiting: Pick<Waiting, 'priority' | 'kind'>): RefusalReason | undefined;
  /** Number of requests of a priority that are waiting. */
  queued(priority: Priority): number;
}

const defaultDelayMs: Readonly<Record<Priority, number>> = { browse: 250, buy: 1_000, pay: 1_000 };
/** An admitted request is served even if it waits longer than predicted, up to this multiple of the allowed wait. */
const patience = 2;
/** Longest wait of the first in line when the queue seems to stall, in ms: long enough to find out whether it does. */
const probeMs = 50;
/** Assumed service time before anything was measured, in ms. */
const assumedMs = 50;

interface Waiter {
  admit(release: Release): void;
  refuse(reason: RefusalReason, error?: Error): void;
  readonly kind: string | undefined;
  /** When it leaves unserved, on the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Absorbs bursts of a few milliseconds and immediately rejects whatever would wait too long. A limit without a queue
 * mistakes every burst for overload; an unbounded queue makes everyone wait for requests whose callers have given up.
 *
 * A request that would wait longer than its priority allows, or past its deadline, is rejected on arrival. The wait is
 * predicted from the queue's length and departure rate, as in the AQM scheme PIE (RFC 8033); CoDel (RFC 8289;
 * Facebook's "Fail at Scale", ACM Queue 13-8, 2015) notices only at the end of the wait. A rejection therefore costs no
 * wait, and since admitted requests are served in time, FIFO is fair and LIFO under load is not needed (decision 21
 * compares). When the queue slows down, requests that can no longer be served in time are rejected from its end.
 *
 * A higher priority goes first and, if the queue is full, displaces the newest request of the lowest priority, as in
 * Uber's Cinnamon and by criticality in Google's SRE book (ch. 21). The length is bounded regardless of the prediction.
 */
export function createAdmissionQueue(options: AdmissionQueueOptions): AdmissionQueue {
  const { clock, maxQueued = 512, delayMs = defaultDelayMs, observer, lateMs = () => 0 } = options;
  const line = () => createWaitingLine<Waiter>(clock);
  const lines: Readonly<Record<Priority, WaitingLine<Waiter>>> = { pay: line(), buy: line(), browse: line() };
  /** A slot was free since the last wait: the measured departure rate is stale. */
  const flowed: Record<Priority, boolean> = { pay: true, buy: true, browse: true };
  let queued = 0;
  let heldMs = assumedMs;

  const limit = createAdaptiveLimit({
    ...options,
    released(ms) {
      if (ms !== undefined) heldMs += (ms - heldMs) / 16;
      if (queued > 0) serve();
    },
  });

  /** Gives free slots to waiting requests. */
  const serve = () => {
    for (const priority of highestFirst) {
      const waiters = lines[priority];
      for (let waiter = waiters.first; waiter; waiter = waiters.first) {
        const release = limit.tryAcquire(priority, waiter.kind);
        if (!release) return;
        waiter.admit(release);
      }
    }
  };

  /** Expected time until `position` requests have left the queue, in ms. */
  const expectedMs = (priority: Priority, position: number): number => {
    const waiters = lines[priority];
    const places = limit.placesFor(priority);
    if (flowed[priority]) {
      flowed[priority] = false;
      // By Little's law, since nothing was measured yet: all slots are in use, each for this long.
      waiters.expect(heldMs / places, places);
    }
    // More may be running than this priority may use: the limit has fallen, or higher priorities use theirs.
    const surplus = Math.max(0, limit.inFlight - places);
    return (position + surplus) * waiters.intervalMs();
  };

  /** Rejects requests at the end that can no longer be served in time because the queue has slowed down. */
  const trim = (priority: Priority) => {
    const waiters = lines[priority];
    for (let last = waiters.last; last && waiters.length > 1; last = waiters.last) {
      if (clock.monotonic() + waiters.length * waiters.intervalMs() <= last.untilMs) return;
      last.refuse('delay');
    }
  };

  /** The request to displace from a full queue: the newest of the lowest priority below this one. */
  const latestBelow = (priority: Priority): Waiter | undefined => {
    const lowerLowestFirst = highestFirst.slice(highestFirst.indexOf(priority) + 1).reverse();
    return lowerLowestFirst.map((lower) => lines[lower].last).find((waiter) => waiter);
  };

  const makeRoomFor = (priority: Priority): boolean => {
    if (queued < maxQueued) return true;
    const latest = latestBelow(priority);
    latest?.refuse('full');
    return latest !== undefined;
  };

  /** @returns the longest wait of a request, in ms, or the reason it is rejected */
  const judge = ({ priority, kind, deadline }: Waiting): number | RefusalReason => {
    const remainingMs = deadline?.remainingMs() ?? Infinity;
    const spareMs = remainingMs - ((kind === undefined ? undefined : limit.unloadedMs(kind)) ?? 0);
    trim(priority);
    const ahead = lines[priority].length;
    // Time spent in the socket counts as time spent here. A request that finds a free slot no longer waits.
    const waitMs = expectedMs(priority, ahead + 1) + lateMs();
    if (spareMs <= 0) return 'deadline';
    if (waitMs <= Math.min(delayMs[priority], spareMs))
      return Math.min(patience * delayMs[priority], remainingMs);
    if (ahead === 0) return Math.min(probeMs, remainingMs);
    return waitMs > spareMs ? 'deadline' : 'delay';
  };

  const refusal = (priority: Priority, reason: RefusalReason) => {
    observer?.refused?.(priority, reason);
    return new AdmissionRefused(reason);
  };

  const wait = async (waiting: Waiting): Promise<Release> => {
    const { priority, kind, signal } = waiting;
    signal?.throwIfAborted();
    const mayWaitMs = judge(waiting);
    if (typeof mayWaitMs === 'string') throw refusal(priority, mayWaitMs);
    if (!makeRoomFor(priority)) throw refusal(priority, 'full');
    return new Promise((resolve, reject) => {
      const waiters = lines[priority];
      const since = clock.monotonic();
      const overdue = (waiting.deadline?.remainingMs() ?? Infinity) <= mayWaitMs;
      const ended = () => {
        queued -= 1;
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        kind,
        untilMs: since + mayWaitMs,
        admit(release) {
          waiters.depart(place);
          ended();
          observer?.waited?.(priority, clock.monotonic() - since);
          resolve(release);
        },
        refuse(reason, error) {
          waiters.leave(place);
          ended();
          reject(error ?? new AdmissionRefused(reason));
          observer?.refused?.(priority, reason);
        },
      };
      const onAbort = () => waiter.refuse('gone', signal?.reason as Error);
      const timer = clock.setTimer(
        () => (overdue ? waiter.refuse('deadline', new DeadlineExceeded()) : waiter.refuse('timeout')),
        Math.ceil(mayWaitMs),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      const place: LinePlace<Waiter> = waiters.join(waiter);
      queued += 1;
    });
  };

  return {
    tryAcquire(priority, kind) {
      lateMs();
      const release = limit.tryAcquire(priority, kind);
      if (release) flowed[priority] = true;
      return release;
    },
    enter: limit.enter,
    unloadedMs: limit.unloadedMs,
    placesFor: limit.placesFor,
    wait,
    refuses(waiting) {
      const { priority } = waiting;
      if (limit.inFlight < limit.placesFor(priority)) return undefined;
      const verdict = judge(waiting);
      const reason =
        typeof verdict === 'string'
          ? verdict
          : queued >= maxQueued && !latestBelow(priority)
            ? 'full'
            : undefined;
      if (reason !== undefined) observer?.refused?.(priority, reason);
      return reason;
    },
    queued: (priority) => lines[priority].length,
    get limit() {
      return limit.limit;
    },
    get inFlight() {
      return limit.inFlight;
    },
  };
}
