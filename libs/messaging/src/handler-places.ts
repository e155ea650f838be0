/** What a group has to handle messages in. */
export interface GroupPlaces {
  /** Takes a place. @returns whether there was one */
  take(): boolean;
  give(): void;
  /** Calls back when a place may be free that was not. */
  onFree(callback: () => void): void;
}

export interface HandlerPlacesOptions {
  readonly groups: number;
  /** Most places that one group takes. */
  readonly perGroup: number;
  /** Places of all groups together. */
  readonly total: number;
}

/**
 * Places for messages in hand, shared by the groups of one service. One is each group's own, so that groups whose
 * handlers hang leave the others theirs; the rest go to whichever asks. Where there are fewer places than groups, all are
 * shared, and there is always one.
 * @returns gives the next group its places, of which it takes `most` at once where that is less than `perGroup`
 */
export function createHandlerPlaces({
  groups,
  perGroup,
  total,
}: HandlerPlacesOptions): (most?: number) => GroupPlaces {
  const own = total >= groups ? 1 : 0;
  let shared = Math.max(1, total) - own * groups;
  const callbacks: (() => void)[] = [];

  return (most = perGroup) => {
    const limit = Math.min(perGroup, most);
    const index = callbacks.push(() => undefined) - 1;
    let taken = 0;
    return {
      take() {
        if (taken >= limit) return false;
        if (taken >= own) {
          if (shared === 0) return false;
          shared -= 1;
        }
        taken += 1;
        return true;
      },
      give() {
        taken -= 1;
        if (taken >= own) shared += 1;
        // The next one goes first and the one that gave it back last, so that nobody is passed over.
        for (let step = 1; step <= callbacks.length; step += 1)
          callbacks[(index + step) % callbacks.length]!();
      },
      onFree: (callback) => void (callbacks[index] = callback),
    };
  };
}
