import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, quantile, seldom, sumRate } from './promql';

export const saga = dashboard({
  name: 'saga',
  title: 'Order saga',
  about: 'Orders by state, how long steps take, and which orders are stuck.',
  rows: [
    {
      title: 'Orders',
      panels: [
        panel({
          title: 'Open orders by state',
          unit: 'short',
          stacked: true,
          about: 'Orders in states that are not final.',
          runbook: 'SagaStuck',
          queries: [[maxBy('state', 'order_sagas'), '{{state}}']],
        }),
        panel({
          title: 'Longest time in a state',
          unit: 's',
          warn: 900,
          about: 'Age of the oldest order in each open state.',
          runbook: 'SagaStuck',
          queries: [[maxBy('state', 'order_saga_oldest_age_seconds'), '{{state}}']],
        }),
        panel({
          title: 'Time to settle',
          unit: 's',
          warn: 60,
          about: 'From placing to the first final state.',
          runbook: 'OrdersSettleLate',
          queries: [0.5, 0.95, 0.99].map(
            (share) => [quantile(share, '', 'order_settle_duration_seconds'), `p${share * 100}`] as const,
          ),
        }),
        panel({
          title: 'Transitions',
          unit: 'ops',
          width: 12,
          about: 'Moves of orders from one state to the next.',
          queries: [[sumRate('from, to', 'order_transitions_total'), '{{from}} → {{to}}']],
        }),
        panel({
          title: 'Orders by outcome',
          unit: 'ops',
          width: 12,
          stacked: true,
          about: 'Final states.',
          queries: [[sumRate('outcome', 'order_settle_duration_seconds_count'), '{{outcome}}']],
        }),
      ],
    },
    {
      title: 'Steps',
      panels: [
        panel({
          title: 'Attempts by outcome',
          unit: 'ops',
          about: 'Attempts at steps. `waits` is put off to a later attempt.',
          queries: [
            [sumRate('step, outcome', 'order_saga_step_duration_seconds_count'), '{{step}} {{outcome}}'],
          ],
        }),
        panel({
          title: 'Attempt duration, p95',
          unit: 's',
          warn: 5,
          about: 'A step’s deadline is 5 s; authorising has 30 s.',
          queries: [[quantile(0.95, 'step', 'order_saga_step_duration_seconds'), '{{step}}']],
        }),
        panel({
          title: 'Ignored events',
          unit: 'ops',
          about: 'Late and repeated events that the state of the order ignored. Normal in small numbers.',
          queries: [[seldom(sumRate('type', 'order_events_ignored_total'), 'type'), '{{type}}']],
        }),
      ],
    },
    {
      title: 'Payment provider',
      panels: [
        panel({
          title: 'Provider calls by outcome',
          unit: 'ops',
          about: '`unknown` means that money may have moved: it is looked up before it is tried again.',
          queries: [
            [sumRate('operation, outcome', 'payment_provider_calls_total'), '{{operation}} {{outcome}}'],
          ],
        }),
        panel({
          title: 'Provider call duration, p95',
          unit: 's',
          about: 'Waits for a place included.',
          queries: [[quantile(0.95, 'operation', 'payment_provider_call_duration_seconds'), '{{operation}}']],
        }),
        panel({
          title: 'Payments in progress',
          unit: 'short',
          about: 'Payments whose outcome is not known yet, those that need attention, and open disputes.',
          runbook: 'PaymentsNeedAttention',
          queries: [
            [maxBy('namespace', 'payment_waiting_payments'), 'in progress'],
            [maxBy('namespace', 'payment_needs_attention_payments'), 'need attention'],
            [maxBy('namespace', 'payment_open_disputes'), 'open disputes'],
          ],
        }),
      ],
    },
  ],
});
