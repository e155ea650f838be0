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
  /** Requests that may wait at once, of all priorities. Default 512; 0: nobody waits. */
  readonly maxQueued?: number;
  /** Longest wait that a request is let in for, in ms. Default 250 for browsing, 1,000 for buying and paying. */
  readonly delayMs?: Readonly<Record<Priority, number>>;
  readonly observer?: AdmissionObserver;
  /**
   * How long a request that is seen now has waited before it could be, in ms: in its socket, while the event loop had
   * other things to do. Asked for each request. Default: no time.
   */
  readonly lateMs?: () => number;
}

/** Told of what becomes of requests that found no place at once; for metrics. Must not throw. */
export interface AdmissionObserver {
  /** Admitted after a wait of `waitMs`. */
  waited?(priority: Priority, waitMs: number): void;
  refused?(priority: Priority, reason: RefusalReason): void;
}

export interface Waiting {
  readonly priority: Priority;
  /** See `tryAcquire`. */
  readonly kind?: string;
  /** The wait ends when it passes, and does not begin when it would. */
  readonly deadline?: Pick<Deadline, 'remainingMs'>;
  /** The wait ends when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A limit of requests at once, with a queue in front: `tryAcquire(…) ?? (await wait(…))`. */
export interface AdmissionQueue extends AdaptiveLimit {
  /**
   * Waits for a place. Served first come first served within a priority, and a higher priority before a lower one.
   * @throws AdmissionRefused at once where the wait would be too long; DeadlineExceeded or the signal's reason when the
   *   wait was in vain. The work must not begin then.
   */
  wait(waiting: Waiting): Promise<Release>;
  /**
   * Whether a request would be refused if it came to `wait` now; where it would, it counts as refused, and must be. To
   * be asked before anything is done for a request: what is refused should have cost nothing.
   * @returns why it is refused; undefined where there is room, which is no promise
   */
  refuses(waiting: Pick<Waiting, 'priority' | 'kind'>): RefusalReason | undefined;
  /** Requests of a priority that wait now. */
  queued(priority: Priority): number;
}

const defaultDelayMs: Readonly<Record<Priority, number>> = { browse: 250, buy: 1_000, pay: 1_000 };
/** Whoever was let in is served where the wait turns out longer, up to so many times what was allowed. */
const patience = 2;
/** How long the first in a line waits where the line seems to stand still, in ms: to see whether it does. */
const probeMs = 50;
/** How long work takes where none was done yet, in ms. */
const assumedMs = 50;

interface Waiter {
  admit(release: Release): void;
  refuse(reason: RefusalReason, error?: Error): void;
  readonly kind: string | undefined;
  /** By when it leaves unserved, on the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Lets a burst wait for its few milliseconds, and refuses at once what would wait too long. A limit without a queue
 * takes every burst for overload; a queue without a bound makes everybody wait for requests that nobody waits for.
 *
 * Who would wait longer than the delay of their priority, or past their deadline, is refused on arrival: the wait is
 * predicted from the length of the line and its pace, as the AQM scheme PIE does (RFC 8033), where CoDel (RFC 8289;
 * Facebook's "Fail at Scale", ACM Queue 13-8, 2015) finds out at the end of the wait. So a refusal costs no wait, and
 * as those who are let in are served in time, first in, first out is fair and needs no LIFO under stress (decision 21
 * compares). When the line slows down, those leave from its end who would not be served in time.
 *
 * A higher priority goes first, and displaces the latest of the lowest where the queue is full, as requests do in Uber's
 * Cinnamon and by criticality in Google's SRE book (ch. 21). The length is bounded whatever the prediction says.
 */
export function createAdmissionQueue(options: AdmissionQueueOptions): AdmissionQueue {
  const { clock, maxQueued = 512, delayMs = defaultDelayMs, observer, lateMs = () => 0 } = options;
  const line = () => createWaitingLine<Waiter>(clock);
  const lines: Readonly<Record<Priority, WaitingLine<Waiter>>> = { pay: line(), buy: line(), browse: line() };
  /** There was a place at once since somebody waited: what is known of the line's pace is out of date. */
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

  /** Gives free places to those who wait. */
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

  /** How long it takes until `position` have left the line, in ms. */
  const expectedMs = (priority: Priority, position: number): number => {
    const waiters = lines[priority];
    const places = limit.placesFor(priority);
    if (flowed[priority]) {
      flowed[priority] = false;
      // By Little's law, as nothing was measured yet: so many places, each given back after so long.
      waiters.expect(heldMs / places, places);
    }
    // More may run than there are places for this priority: the limit has fallen, or higher priorities have theirs.
    const surplus = Math.max(0, limit.inFlight - places);
    return (position + surplus) * waiters.intervalMs();
  };

  /** Refuses those at the end of the line who will not be served in time, for the line has become slower. */
  const trim = (priority: Priority) => {
    const waiters = lines[priority];
    for (let last = waiters.last; last && waiters.length > 1; last = waiters.last) {
      if (clock.monotonic() + waiters.length * waiters.intervalMs() <= last.untilMs) return;
      last.refuse('delay');
    }
  };

  /** Who would make room in a full queue: the latest of the lowest priority below this one. */
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

  /** @returns how long a request may wait, in ms, or why it may not */
  const judge = ({ priority, kind, deadline }: Waiting): number | RefusalReason => {
    const remainingMs = deadline?.remainingMs() ?? Infinity;
    const spareMs = remainingMs - ((kind === undefined ? undefined : limit.unloadedMs(kind)) ?? 0);
    trim(priority);
    const ahead = lines[priority].length;
    // What was waited in the socket counts as if it had been waited here. Who finds a place does not wait any more.
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
