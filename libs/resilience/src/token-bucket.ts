import type { Clock } from './clock';

export interface TokenBucketOptions {
  /** Capacity of a bucket in tokens: the largest burst. */
  readonly capacity: number;
  /** Tokens added per second: the sustained rate. */
  readonly refillPerSecond: number;
  /**
   * Maximum number of keys held. The least recently used key is evicted and starts again with a full bucket: memory is
   * bounded, but a client with more than this many keys is limited less.
   */
  readonly maxKeys: number;
  readonly clock: Clock;
}

/** One decision, with the values of the `RateLimit` and `Retry-After` headers (IETF draft ratelimit-headers). */
export interface Taken {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** The bucket's capacity. */
  readonly limit: number;
  /** Ms until the bucket is full again. */
  readonly resetMs: number;
  /** Ms until the same `take` would be allowed; 0 if this one was. */
  readonly retryAfterMs: number;
}

export interface TokenBuckets {
  /**
   * Takes `cost` tokens (default 1) from the key's bucket, or none if it holds fewer.
   * @throws RangeError for a cost that exceeds the capacity
   */
  take(key: string, cost?: number): Taken;
  /** Number of keys held. */
  readonly size: number;
}

interface Bucket {
  tokens: number;
  /** When `tokens` was updated, in the clock's monotonic ms. */
  at: number;
}

/** One token bucket (RFC 2697 calls it a meter) per key, refilled lazily: an idle bucket costs no work. */
export function createTokenBuckets(options: TokenBucketOptions): TokenBuckets {
  const { capacity, refillPerSecond, maxKeys, clock } = options;
  if (!(capacity > 0 && refillPerSecond > 0 && maxKeys >= 1)) {
    throw new RangeError('capacity, refillPerSecond and maxKeys must be positive');
  }
  // A Map iterates in insertion order, so re-inserting on use keeps the least recently used key first.
  const buckets = new Map<string, Bucket>();
  const msFor = (tokens: number) => (tokens / refillPerSecond) * 1000;

  const bucketOf = (key: string, now: number): Bucket => {
    const known = buckets.get(key);
    if (known) {
      known.tokens = Math.min(capacity, known.tokens + ((now - known.at) / 1000) * refillPerSecond);
      known.at = now;
      buckets.delete(key);
      buckets.set(key, known);
      return known;
    }
    if (buckets.size >= maxKeys) buckets.delete(buckets.keys().next().value as string);
    const fresh = { tokens: capacity, at: now };
    buckets.set(key, fresh);
    return fresh;
  };

  return {
    take(key, cost = 1) {
      if (!(cost >= 0 && cost <= capacity)) throw new RangeError(`cost must be between 0 and ${capacity}`);
      const bucket = bucketOf(key, clock.monotonic());
      const allowed = bucket.tokens >= cost;
      if (allowed) bucket.tokens -= cost;
      return {
        allowed,
        remaining: Math.floor(bucket.tokens),
        limit: capacity,
        resetMs: Math.ceil(msFor(capacity - bucket.tokens)),
        retryAfterMs: allowed ? 0 : Math.ceil(msFor(cost - bucket.tokens)),
      };
    },
    get size() {
      return buckets.size;
    },
  };
}
