import type { Clock } from '@bulkhead/resilience/clock';
import { createTokenBuckets, type TokenBuckets } from '@bulkhead/resilience/token-bucket';
import { problem } from '@bulkhead/service/errors';
import type { GatewayConfig } from './config';

export interface RateLimits {
  /** Counts one request of a client. @returns headers of the response @throws ProblemError rate-limited */
  client(key: string): Record<string, string>;
  /** Counts one request of a user. @returns headers of the response @throws ProblemError rate-limited */
  user(id: string): Record<string, string>;
}

const maxKeys = 100_000;

/** Token buckets per client address and per user, in this replica (draft-ietf-httpapi-ratelimit-headers). */
export function createRateLimits(config: GatewayConfig, clock: Clock): RateLimits {
  if (!config.RATE_LIMITS) return { client: () => ({}), user: () => ({}) };
  const limiter = (name: string, capacity: number, refillPerSecond: number) => {
    const buckets = createTokenBuckets({ capacity, refillPerSecond, maxKeys, clock });
    const policy = `"${name}";q=${capacity};w=${Math.ceil(capacity / refillPerSecond)}`;
    return (key: string) => take(buckets, name, policy, key);
  };
  return {
    client: limiter('client', config.RATE_LIMIT_CLIENT_BURST, config.RATE_LIMIT_CLIENT_PER_SECOND),
    user: limiter('user', config.RATE_LIMIT_USER_BURST, config.RATE_LIMIT_USER_PER_SECOND),
  };
}

function take(buckets: TokenBuckets, name: string, policy: string, key: string): Record<string, string> {
  const { allowed, remaining, resetMs, retryAfterMs } = buckets.take(key);
  const headers = {
    'ratelimit-policy': policy,
    ratelimit: `"${name}";r=${Math.floor(remaining)};t=${Math.ceil(resetMs / 1000)}`,
  };
  if (allowed) return headers;
  throw problem('rate-limited', {
    headers: { ...headers, 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  });
}
