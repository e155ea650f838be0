import { decimal, integer, toggle } from '@bulkhead/service/config';
import { z } from 'zod';

export const GatewayConfig = z.object({
  CORS_ORIGINS: z
    .string()
    .regex(
      /^(\*|https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*)$/,
      'must be * or origins such as https://shop.example, separated by commas',
    )
    .optional()
    .describe('origins whose pages may call the API'),
  TRUSTED_HOPS: integer(0, 10).default(0).describe('number of proxies in front that add to X-Forwarded-For'),
  REQUEST_DEADLINE_MS: integer(100, 60_000).default(10_000).describe('maximum duration of a request in ms'),
  RATE_LIMIT_CLIENT_PER_SECOND: decimal(0.1, 1e6).default(50),
  RATE_LIMIT_CLIENT_BURST: integer(1, 1_000_000).default(200),
  RATE_LIMIT_USER_PER_SECOND: decimal(0.1, 1e6).default(20),
  RATE_LIMIT_USER_BURST: integer(1, 1_000_000).default(100),
  RATE_LIMITS: toggle('on').describe('rate limits per client and user'),
});
export type GatewayConfig = z.output<typeof GatewayConfig>;
