import { useEffect } from 'react';

/**
 * Reloads every `everyMs` milliseconds while `isNeeded`, and once more when it no longer is: changes between the last
 * reload and the first event of a resumed stream are not among its events.
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
