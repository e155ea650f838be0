import { z } from 'zod';

const share = z.number().min(0).max(1);
const ms = z.int().min(0).max(600_000);

/** The provider's behaviour, for `PUT /control`. Shares apply randomly to each call that would have an effect. */
export const Behaviour = z.strictObject({
  /** Delay of every response in ms: fixed, or random within a range. */
  latency: z.union([z.strictObject({ ms }), z.strictObject({ minMs: ms, maxMs: ms })]).default({ ms: 0 }),
  /** Share of declined authorisations. */
  declineShare: share.default(0),
  /** Share of calls with a 500 response and no effect. */
  errorShare: share.default(0),
  /** Share of calls with an effect and no response. */
  timeoutShare: share.default(0),
  /** Additional delay of `pm_slow`, in ms. */
  slowMs: ms.default(3_000),
  /** The response to a refund; `settleRefund` decides its later status. */
  refunds: z.enum(['pending', 'succeeded', 'failed']).default('succeeded'),
  webhooks: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** ms from the effect to its webhook. */
      delayMs: ms.default(50),
      /** Each webhook is sent twice. */
      duplicate: z.boolean().default(false),
      /** Each is delayed by up to the same again as `delayMs` and another second, so that they arrive out of order. */
      outOfOrder: z.boolean().default(false),
    })
    .prefault({}),
});
export type Behaviour = z.output<typeof Behaviour>;

export const usualBehaviour: Behaviour = Behaviour.parse({});

/** How to handle one call. */
export interface Fate {
  readonly latencyMs: number;
  readonly fails: boolean;
  readonly isNeverAnswered: boolean;
}

/** Draws the outcome of a call; a repetition (`isRepeated`) is exempt from the effect of a `pm_…` test token. */
export function drawFate(
  { latency, errorShare, timeoutShare, slowMs }: Behaviour,
  { paymentMethod, isRepeated }: { readonly paymentMethod: string; readonly isRepeated: boolean },
  random: () => number,
): Fate {
  const base =
    'ms' in latency ? latency.ms : latency.minMs + random() * Math.max(0, latency.maxMs - latency.minMs);
  return {
    latencyMs: base + (paymentMethod === 'pm_slow' && !isRepeated ? slowMs : 0),
    fails: (paymentMethod === 'pm_error_once' && !isRepeated) || random() < errorShare,
    isNeverAnswered: (paymentMethod === 'pm_timeout' && !isRepeated) || random() < timeoutShare,
  };
}
