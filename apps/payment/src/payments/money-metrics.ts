import { capped, type Metrics } from '@bulkhead/telemetry/metrics';
import { type PaymentStatus, refundOrigins } from '@bulkhead/contracts/payment/api';
import { attentions } from './attention';
import { type Contradiction, contradictions } from './contradiction';
import type { ProviderDispute } from '../providers/provider';
import type { Move } from './decide';
import { transitions } from './transitions';

/** 'ignored': of a kind that says nothing about a charge. 'stranger': of a charge that is not ours. */
export const webhookOutcomes = ['heard', 'repeated', 'ignored', 'stranger', 'malformed', 'forged'] as const;
export type WebhookOutcome = (typeof webhookOutcomes)[number];

/** Observes payments, after the commit. */
export interface MoneyMetrics {
  moved(move: Move, currency: string): void;
  webhook(outcome: WebhookOutcome): void;
  /** The provider reported something impossible. */
  contradicted(contradiction: Contradiction): void;
  /** A dispute has a new status. */
  disputed(status: ProviderDispute['status']): void;
}

export function createMoneyMetrics(metrics: Metrics): MoneyMetrics {
  const moves = metrics.counter({
    name: 'payment_transitions_total',
    help: 'Moves of payments by the status entered.',
    labels: { to: Object.keys(transitions) as PaymentStatus[] },
  });
  const captured = metrics.counter({
    name: 'payment_captured_minor_units_total',
    help: 'Money taken, in minor units of its currency.',
    labels: { currency: capped(20) },
  });
  const refunded = metrics.counter({
    name: 'payment_refunded_minor_units_total',
    help: 'Money given back, in minor units of its currency.',
    labels: { currency: capped(20) },
  });
  const refunds = metrics.counter({
    name: 'payment_refunds_total',
    help: 'Refunds that began, succeeded or failed, by who made them.',
    labels: { origin: refundOrigins, status: ['pending', 'succeeded', 'failed'] },
  });
  const attention = metrics.counter({
    name: 'payment_attention_total',
    help: 'Payments that started to need a person, by reason.',
    labels: { reason: attentions },
  });
  const webhooks = metrics.counter({
    name: 'payment_webhooks_total',
    help: 'Webhooks of the payment provider, by result.',
    labels: { outcome: webhookOutcomes },
  });
  const contradicted = metrics.counter({
    name: 'payment_provider_contradictions_total',
    help: 'Impossible reports of the provider, which were not recorded.',
    labels: { contradiction: contradictions },
  });
  const disputes = metrics.counter({
    name: 'payment_disputes_total',
    help: 'Disputes of payments by the status entered.',
    labels: { status: ['inquiry', 'open', 'won', 'lost', 'closed'] },
  });
  return {
    moved(move, currency) {
      moves.add({ to: move.to });
      if (move.captured) captured.add({ currency }, move.captured);
      if (move.refunded && move.refunded > 0) refunded.add({ currency }, move.refunded);
      if (move.refund) refunds.add({ origin: move.refund.origin, status: move.refund.status });
      if (move.attention) attention.add({ reason: move.attention });
    },
    webhook: (outcome) => webhooks.add({ outcome }),
    contradicted: (contradiction) => contradicted.add({ contradiction }),
    disputed: (status) => disputes.add({ status }),
  };
}
