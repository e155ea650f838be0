import type { Clock } from './clock';

/**
 * Counts calls, and failed calls, of the last `windowMs`. A ring of time slots with counters: memory is fixed and
 * expiry is free.
 */
export interface CallWindow {
  record(failed: boolean): void;
  readonly calls: number;
  readonly failures: number;
  clear(): void;
}

export interface CallWindowOptions {
  readonly clock: Clock;
  readonly windowMs: number;
  /** Number of slots. Default 10: a call expires at most a tenth of the window too early. */
  readonly slots?: number;
}

interface Slot {
  epoch: number;
  calls: number;
  failures: number;
}

export function createCallWindow({ clock, windowMs, slots: count = 10 }: CallWindowOptions): CallWindow {
  const slotMs = windowMs / count;
  const slots = Array.from({ length: count }, (): Slot => ({ epoch: -1, calls: 0, failures: 0 }));
  const epochNow = () => Math.floor(clock.monotonic() / slotMs);

  const sum = (pick: (slot: Slot) => number): number => {
    const oldest = epochNow() - count;
    return slots.reduce((total, slot) => (slot.epoch > oldest ? total + pick(slot) : total), 0);
  };

  return {
    record(failed) {
      const epoch = epochNow();
      const slot = slots[epoch % count] as Slot;
      if (slot.epoch !== epoch) {
        slot.epoch = epoch;
        slot.calls = slot.failures = 0;
      }
      slot.calls += 1;
      if (failed) slot.failures += 1;
    },
    get calls() {
      return sum((slot) => slot.calls);
    },
    get failures() {
      return sum((slot) => slot.failures);
    },
    clear() {
      for (const slot of slots) slot.epoch = -Infinity;
    },
  };
}
