import type { Clock } from './clock';

/** Departures this far back still count towards the pace, in ms (as the time constant of an exponential average). */
const horizonMs = 500;

/** A place in a line, by which it is left. */
export interface LinePlace<T> {
  readonly value: T;
  previous: LinePlace<T> | undefined;
  next: LinePlace<T> | undefined;
}

/**
 * Who waits for the same thing, first come first, and how fast the line moves. Joining and leaving cost the same
 * wherever in the line it happens.
 *
 * The pace is measured as PIE measures it (RFC 8033 §4.2): departures in the time in which somebody waited. Time that
 * passes without a departure counts as it passes, so that a line that stands still is known for one at once.
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
  /** Forgets what was measured: begins with a pace that was inferred, as certain as so many departures. */
  expect(intervalMs: number, departures: number): void;
  /** ms from one departure to the next. */
  intervalMs(): number;
}

export function createWaitingLine<T>(clock: Clock): WaitingLine<T> {
  let first: LinePlace<T> | undefined;
  let last: LinePlace<T> | undefined;
  let length = 0;
  let measuredAt = clock.monotonic();
  let spentMs = 0;
  let departures = 0;

  /** Takes the time since the last look into account: of a line in which nobody waits, none. */
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
