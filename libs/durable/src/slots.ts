/**
 * Slots for work in progress. A slot is taken before the work is claimed: if it were only checked, it could be given
 * away twice across an await, and work would be leased that nobody does.
 */
export interface Slots {
  /** Takes up to `wanted` slots. @returns how many */
  take(wanted: number): number;
  /** Releases slots. */
  give(count?: number): void;
  /** Number of slots in use. */
  readonly taken: number;
  /** Resolves once a slot may be free, or the signal aborts; never rejects. */
  whenFree(signal: AbortSignal): Promise<void>;
}

/** @param limit the number of slots; called each time, because it may change */
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
