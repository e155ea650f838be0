import type { Clock } from '@bulkhead/resilience/clock';
import { LRUCache } from 'lru-cache';

/**
 * Remembers tokens whose signature was checked, so that the next requests of the same caller cost a map look-up.
 * Bounded: the least recently used go first; none is served past its expiry.
 */
export function createTokenCache<T extends NonNullable<unknown>>(
  clock: Clock,
  maxTokens = 10_000,
  maxAgeMs = 60_000,
) {
  const values = new LRUCache<string, T>({
    max: maxTokens,
    ttl: maxAgeMs,
    // No timer of its own: the time is asked for at every look.
    ttlResolution: 0,
    perf: clock,
  });
  return {
    get: (token: string): T | undefined => values.get(token),
    clear: () => values.clear(),
    /** @param expiresAt ms since the epoch */
    set(token: string, value: T, expiresAt: number): void {
      const ttl = Math.min(expiresAt - clock.now(), maxAgeMs);
      // To the cache, no time at all is no limit.
      if (ttl > 0) values.set(token, value, { ttl });
    },
  };
}
