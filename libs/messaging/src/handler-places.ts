/** The slots in which a group handles messages. */
export interface GroupPlaces {
  /** Takes a slot. @returns whether one was free */
  take(): boolean;
  give(): void;
  /** Calls back when a slot may have become free. */
  onFree(callback: () => void): void;
}

export interface HandlerPlacesOptions {
  readonly groups: number;
  /** Maximum number of slots of one group. */
  readonly perGroup: number;
  /** Number of slots of all groups together. */
  readonly total: number;
}

/**
 * Slots for messages in progress, shared by the groups of one service. One is reserved for each group, so that groups
 * with hanging handlers leave the others theirs; the rest go to any group. If there are fewer slots than groups, all
 * are shared; there is always at least one.
 * @returns a function that gives the next group its slots, of which it takes at most `most` if that is less than
 *   `perGroup`
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
        // The next group goes first and the one that released the slot last, so that no group starves.
        for (let step = 1; step <= callbacks.length; step += 1)
          callbacks[(index + step) % callbacks.length]!();
      },
      onFree: (callback) => void (callbacks[index] = callback),
    };
  };
}
