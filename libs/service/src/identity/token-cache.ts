import type { Clock } from '@bulkhead/resilience/clock';

/**
 * Remembers tokens whose signature was checked, so that the next requests of the same caller cost a map look-up.
 * Bounded: the least recently used go first; none is served past its expiry.
 */
export function createTokenCache<T>(clock: Clock, maxTokens = 10_000, maxAgeMs = 60_000) {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(token: string): T | undefined {
      const entry = entries.get(token);
      if (entry === undefined) return undefined;
      entries.delete(token);
      if (entry.until <= clock.now()) return undefined;
      entries.set(token, entry);
      return entry.value;
    },
    clear: () => entries.clear(),
    /** @param expiresAt ms since the epoch */
    set(token: string, value: T, expiresAt: number): void {
      entries.set(token, { value, until: Math.min(expiresAt, clock.now() + maxAgeMs) });
      if (entries.size > maxTokens) entries.delete(entries.keys().next().value!);
    },
  };
}
