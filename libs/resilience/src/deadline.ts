import type { Clock, Timer } from './clock';
import { DeadlineExceeded } from './errors';
import { withTimeout } from './timeout';

/** Carries the remaining time to the next service: whole ms, so that clocks need not agree. */
export const deadlineHeader = 'x-request-deadline';

/**
 * The time after which nobody waits for the response any more; set once at the gateway and propagated with the request
 * (deadline propagation, Google SRE book, ch. 22). Two fields, and no timer until its signal is used.
 */
export interface Deadline {
  /** Ms left; 0 when it has passed, Infinity when there is no deadline. */
  remainingMs(): number;
  expired(): boolean;
  /** The earlier of this one and `ms` from now. */
  shrink(ms: number): Deadline;
  /**
   * Aborts with `DeadlineExceeded` at expiry. Created with its timer on first use: call `dispose` when the request is
   * done.
   */
  readonly signal: AbortSignal;
  /** Ms left as the value of `x-request-deadline`; undefined when there is no deadline. */
  toHeader(): string | undefined;
  /** Cancels the signal's timer, if any; the signal then never aborts. */
  dispose(): void;
  readonly clock: Clock;
}

/** A deadline `ms` from now. */
export const deadlineAfter = (clock: Clock, ms: number): Deadline =>
  new MonotonicDeadline(clock, clock.monotonic() + ms);

/** For work without a caller: never expires unless shortened. */
export const noDeadline = (clock: Clock): Deadline => new MonotonicDeadline(clock, Infinity);

/**
 * Parses `x-request-deadline`: ms left, at most `maxMs`. Undefined for a missing or malformed value (including a
 * repeated header), so that the caller can apply its own default.
 */
export function fromHeader(
  clock: Clock,
  value: string | readonly string[] | undefined,
  maxMs: number,
): Deadline | undefined {
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) return undefined;
  return deadlineAfter(clock, Math.min(Number(value), maxMs));
}

/**
 * Runs `work` unless the deadline has passed, and stops waiting for it when it does.
 * @throws DeadlineExceeded
 */
export function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (deadline.expired()) return Promise.reject(new DeadlineExceeded());
  return withTimeout(work, {
    clock: deadline.clock,
    ms: deadline.remainingMs(),
    error: () => new DeadlineExceeded(),
  });
}

/**
 * The same for work that takes no signal, on paths so hot that even a signal is too expensive.
 * @throws DeadlineExceeded
 */
export function untilDeadline<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  const ms = deadline.remainingMs();
  if (ms === 0) return Promise.reject(new DeadlineExceeded());
  if (ms === Infinity) return work();
  return new Promise((resolve, reject) => {
    const timer = deadline.clock.setTimer(() => reject(new DeadlineExceeded()), Math.ceil(ms));
    work().then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: Error) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}

class MonotonicDeadline implements Deadline {
  readonly clock: Clock;
  readonly #expiresAt: number;
  #controller: AbortController | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, expiresAt: number) {
    this.clock = clock;
    this.#expiresAt = expiresAt;
  }

  remainingMs(): number {
    return Math.max(0, this.#expiresAt - this.clock.monotonic());
  }

  expired(): boolean {
    return this.clock.monotonic() >= this.#expiresAt;
  }

  shrink(ms: number): Deadline {
    const expiresAt = this.clock.monotonic() + ms;
    return expiresAt < this.#expiresAt ? new MonotonicDeadline(this.clock, expiresAt) : this;
  }

  toHeader(): string | undefined {
    return this.#expiresAt === Infinity ? undefined : String(Math.floor(this.remainingMs()));
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = (this.#controller = new AbortController());
    const abort = () => controller.abort(new DeadlineExceeded());
    if (this.expired()) abort();
    else if (this.#expiresAt !== Infinity) {
      this.#timer = this.clock.setTimer(abort, Math.ceil(this.remainingMs()));
    }
    return controller.signal;
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
