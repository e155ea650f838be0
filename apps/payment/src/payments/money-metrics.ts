import { capped, type Metrics } from '@bulkhead/telemetry/metrics';
import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import { transitions } from './transitions';

/** Told of each move of a payment, after it was committed. Amounts are minor units. */
export interface MoneyMetrics {
  moved(to: PaymentStatus, currency: string, captured: number, refunded: number): void;
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
  return {
    moved(to, currency, taken, givenBack) {
      moves.add({ to });
      if (taken > 0) captured.add({ currency }, taken);
      if (givenBack > 0) refunded.add({ currency }, givenBack);
    },
  };
}
