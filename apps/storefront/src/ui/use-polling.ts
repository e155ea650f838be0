import { useEffect } from 'react';

/**
 * Reloads every `everyMs` milliseconds while `isNeeded`, and once more when it is not any longer: what changed after the
 * last reload and before events arrived again is not among these events.
 */
export function usePolling(isNeeded: boolean, reload: () => void, everyMs: number): void {
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setInterval(reload, everyMs);
    return () => {
      clearInterval(timer);
      reload();
    };
  }, [isNeeded, reload, everyMs]);
}
