import type { Clock } from '@bulkhead/resilience/clock';
import { LRUCache } from 'lru-cache';

/**
 * Caches tokens with a verified signature, so that further requests of the same caller cost one map look-up. Bounded:
 * the least recently used are evicted first; none is returned after its expiry.
 */
export function createTokenCache<T extends NonNullable<unknown>>(
  clock: Clock,
  maxTokens = 10_000,
  maxAgeMs = 60_000,
) {
  const values = new LRUCache<string, T>({
    max: maxTokens,
    ttl: maxAgeMs,
    // Without a timer: the time is read on every look-up.
    ttlResolution: 0,
    perf: clock,
  });
  return {
    get: (token: string): T | undefined => values.get(token),
    clear: () => values.clear(),
    /** @param expiresAt ms since the epoch */
    set(token: string, value: T, expiresAt: number): void {
      const ttl = Math.min(expiresAt - clock.now(), maxAgeMs);
      // The cache treats a TTL of 0 as no limit.
      if (ttl > 0) values.set(token, value, { ttl });
    },
  };
}
