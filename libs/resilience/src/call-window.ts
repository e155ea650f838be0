import type { Clock } from './clock';

/**
 * Calls of the last `windowMs`: how many, how many failed, how long they took. Kept as a ring of time slots, each with
 * counters and a histogram, so that memory is fixed and forgetting costs nothing.
 */
export interface CallWindow {
  /** @param at the moment that it counts for, on the clock's `monotonic`; default: now. Before the window it counts for none */
  record(failed: boolean, durationMs: number, at?: number): void;
  readonly calls: number;
  readonly failures: number;
  /**
   * The `q`-quantile (0 to 1) of the durations in ms, rounded up by at most 20 %; undefined without calls.
   * @param running ms that calls have taken so far which have not ended: they count as if they had
   */
  quantileMs(q: number, running?: readonly number[]): number | undefined;
  clear(): void;
}

export interface CallWindowOptions {
  readonly clock: Clock;
  readonly windowMs: number;
  /** Slots the window is made of. Default 10: a call is forgotten at most a tenth of the window too early. */
  readonly slots?: number;
}

/** Bounds of the histogram: 1 ms, 1.2 ms, 1.44 ms, … beyond 1.2^63 ms ≈ 97 s everything counts as that. */
const growth = 1.2;
const bounds = 64;
const boundOf = (durationMs: number): number =>
  Math.min(bounds - 1, Math.max(0, Math.ceil(Math.log(durationMs) / Math.log(growth))));

interface Slot {
  epoch: number;
  calls: number;
  failures: number;
  readonly durations: Uint32Array;
}

export function createCallWindow({ clock, windowMs, slots: count = 10 }: CallWindowOptions): CallWindow {
  const slotMs = windowMs / count;
  const slots = Array.from({ length: count }, (): Slot => ({
    epoch: -1,
    calls: 0,
    failures: 0,
    durations: new Uint32Array(bounds),
  }));
  const epochOf = (at: number) => Math.floor(at / slotMs);
  const epochNow = () => epochOf(clock.monotonic());

  const slotOf = (epoch: number): Slot => {
    const slot = slots[epoch % count] as Slot;
    if (slot.epoch !== epoch) {
      slot.epoch = epoch;
      slot.calls = slot.failures = 0;
      slot.durations.fill(0);
    }
    return slot;
  };
  const sum = (pick: (slot: Slot) => number): number => {
    const oldest = epochNow() - count;
    return slots.reduce((total, slot) => (slot.epoch > oldest ? total + pick(slot) : total), 0);
  };

  return {
    record(failed, durationMs, at = clock.monotonic()) {
      const epoch = epochOf(at);
      if (epoch <= epochNow() - count) return;
      const slot = slotOf(epoch);
      slot.calls += 1;
      if (failed) slot.failures += 1;
      const bound = boundOf(durationMs);
      slot.durations[bound] = (slot.durations[bound] ?? 0) + 1;
    },
    get calls() {
      return sum((slot) => slot.calls);
    },
    get failures() {
      return sum((slot) => slot.failures);
    },
    quantileMs(q, running = []) {
      const calls = sum((slot) => slot.calls) + running.length;
      if (calls === 0) return undefined;
      const soFar = running.map(boundOf);
      let below = 0;
      for (let bound = 0; bound < bounds; bound++) {
        below += sum((slot) => slot.durations[bound] ?? 0) + soFar.filter((each) => each === bound).length;
        if (below >= q * calls) return growth ** bound;
      }
      return growth ** (bounds - 1);
    },
    clear() {
      for (const slot of slots) slot.epoch = -Infinity;
    },
  };
}
