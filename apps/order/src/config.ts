import { decimal, integer } from '@bulkhead/service/config';
import { z } from 'zod';

const whole = (initial: number, min: number, max: number, meaning: string) =>
  integer(min, max).prefault(String(initial)).describe(meaning);

/** The environment variables of order. */
export const OrderConfig = z.object({
  TRACE_URL: z
    .string()
    .regex(
      /^https?:\/\/[^\s{}]+\{traceId\}[^\s{}]*$/,
      'must be a URL with {traceId} in it, such as https://traces.example/trace/{traceId}',
    )
    .optional()
    .describe('URL template for the trace of an order, with {traceId} in it'),
  ORDER_BUDGET_MS: whole(
    1_500,
    50,
    60_000,
    'maximum time in ms that a buyer waits for the outcome of an order',
  ),
  ORDER_PENDING_EXPIRY_SECONDS: decimal(0.1, 86_400)
    .prefault('900')
    .describe('seconds after which a pending order expires'),
  ORDER_AUTHORISE_TIMEOUT_MS: whole(30_000, 50, 120_000, 'timeout of an authorisation in ms'),
  ORDER_STEP_TIMEOUT_MS: whole(5_000, 50, 60_000, 'timeout of any other step in ms'),
  ORDER_RETRY_MIN_MS: whole(1_000, 10, 60_000, 'delay in ms before the second attempt at a step'),
  ORDER_RETRY_MAX_MS: whole(300_000, 10, 3_600_000, 'maximum delay in ms between attempts at a step'),
  ORDER_GIVE_UP_SECONDS: whole(
    86_400,
    1,
    30 * 86_400,
    'seconds in one state after which a person has to look',
  ),
  ORDER_RECOVERY_EVERY_MS: whole(500, 10, 60_000, 'ms between two looks for overdue sagas'),
  ORDER_RECOVERY_CONCURRENCY: whole(16, 1, 256, 'sagas that recovery works on at once'),
  ORDER_LIVE_SAGAS: whole(256, 1, 10_000, 'sagas of live requests at once'),
});

export type OrderConfig = z.output<typeof OrderConfig>;
