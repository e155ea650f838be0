/**
 * Places for work in progress. A place is taken before the work is claimed: one that is only looked at is given away twice
 * while somebody awaits, and then work is leased that nobody does.
 */
export interface Slots {
  /** Takes up to `wanted` places. @returns how many */
  take(wanted: number): number;
  /** Gives places back. */
  give(count?: number): void;
  /** How many are taken. */
  readonly taken: number;
  /** Resolves once a place may be free, or the signal aborts; never rejects. */
  whenFree(signal: AbortSignal): Promise<void>;
}

/** @param limit how many places there are; asked each time, because it may move */
export function createSlots(limit: () => number): Slots {
  let taken = 0;
  const waiting = new Set<() => void>();
  const free = () => Math.max(0, Math.floor(limit()) - taken);
  return {
    take(wanted) {
      const got = Math.min(wanted, free());
      taken += got;
      return got;
    },
    give(count = 1) {
      if (count > taken) throw new Error('more places were given back than were taken');
      taken -= count;
      for (const resume of [...waiting]) resume();
    },
    get taken() {
      return taken;
    },
    async whenFree(signal) {
      while (free() === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          const done = () => {
            waiting.delete(done);
            signal.removeEventListener('abort', done);
            resolve();
          };
          waiting.add(done);
          signal.addEventListener('abort', done);
        });
    },
  };
}
