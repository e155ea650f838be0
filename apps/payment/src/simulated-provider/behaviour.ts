import { z } from 'zod';

const share = z.number().min(0).max(1);
const ms = z.int().min(0).max(600_000);

/** How the provider behaves, for `PUT /control`. Shares are drawn for each call that would have an effect. */
export const Behaviour = z.strictObject({
  /** ms before every answer: fixed, or drawn evenly from a range. */
  latency: z.union([z.strictObject({ ms }), z.strictObject({ minMs: ms, maxMs: ms })]).default({ ms: 0 }),
  /** Share of authorisations that are declined. */
  declineShare: share.default(0),
  /** Share of calls that are answered 500 without any effect. */
  errorShare: share.default(0),
  /** Share of calls that have their effect and are never answered. */
  timeoutShare: share.default(0),
  /** What `pm_slow` adds, in ms. */
  slowMs: ms.default(3_000),
  /** What a refund is answered with; what becomes of it later is `settleRefund`'s. */
  refunds: z.enum(['pending', 'succeeded', 'failed']).default('succeeded'),
  webhooks: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** ms from the effect to its webhook. */
      delayMs: ms.default(50),
      /** Each is sent twice. */
      duplicate: z.boolean().default(false),
      /** Each is delayed by up to as much again as `delayMs` and a second more, so that they overtake each other. */
      outOfOrder: z.boolean().default(false),
    })
    .prefault({}),
});
export type Behaviour = z.output<typeof Behaviour>;

export const usualBehaviour: Behaviour = Behaviour.parse({});

/** What to do with one call. */
export interface Fate {
  readonly latencyMs: number;
  readonly fails: boolean;
  readonly isNeverAnswered: boolean;
}

/** Draws a call's fate; one that is a repetition (`isRepeated`) of a `pm_…` token's trick is spared it. */
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
