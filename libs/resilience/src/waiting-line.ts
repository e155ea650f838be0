import type { Clock } from './clock';

/** Time constant of the exponential average of the departure rate, in ms. */
const horizonMs = 500;

/** A position in the queue, used to leave it. */
export interface LinePlace<T> {
  readonly value: T;
  previous: LinePlace<T> | undefined;
  next: LinePlace<T> | undefined;
}

/**
 * A FIFO queue that measures its departure rate. Joining and leaving take the same time at any position.
 *
 * The rate is measured as in PIE (RFC 8033 §4.2): departures during the time in which something was waiting. Time
 * without a departure counts as it passes, so a queue that stalls is noticed immediately.
 */
export interface WaitingLine<T> {
  readonly length: number;
  readonly first: T | undefined;
  readonly last: T | undefined;
  join(value: T): LinePlace<T>;
  /** Leaves without having been served. */
  leave(place: LinePlace<T>): void;
  /** Leaves because it is served. */
  depart(place: LinePlace<T>): void;
  /** Discards the measurement and starts from an inferred rate, weighted as this many departures. */
  expect(intervalMs: number, departures: number): void;
  /** Ms between departures. */
  intervalMs(): number;
}

export function createWaitingLine<T>(clock: Clock): WaitingLine<T> {
  let first: LinePlace<T> | undefined;
  let last: LinePlace<T> | undefined;
  let length = 0;
  let measuredAt = clock.monotonic();
  let spentMs = 0;
  let departures = 0;

  /** Adds the time since the last update; time with an empty queue does not count. */
  const measure = () => {
    const now = clock.monotonic();
    const passedMs = now - measuredAt;
    measuredAt = now;
    if (length === 0 || passedMs <= 0) return;
    const kept = Math.exp(-passedMs / horizonMs);
    spentMs = spentMs * kept + horizonMs * (1 - kept);
    departures *= kept;
  };

  const leave = (place: LinePlace<T>) => {
    measure();
    if (place.previous) place.previous.next = place.next;
    else first = place.next;
    if (place.next) place.next.previous = place.previous;
    else last = place.previous;
    length -= 1;
  };

  return {
    get length() {
      return length;
    },
    get first() {
      return first?.value;
    },
    get last() {
      return last?.value;
    },
    join(value) {
      measure();
      const place: LinePlace<T> = { value, previous: last, next: undefined };
      if (last) last.next = place;
      else first = place;
      last = place;
      length += 1;
      return place;
    },
    leave,
    depart(place) {
      leave(place);
      departures += 1;
    },
    expect(intervalMs, certainty) {
      measuredAt = clock.monotonic();
      departures = certainty;
      spentMs = intervalMs * certainty;
    },
    intervalMs() {
      measure();
      return departures > 0 ? spentMs / departures : Infinity;
    },
  };
}
