import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, metric, noStreams, quantile, rate, requests, seldom, sumRate } from './promql';

const buy = 'service="gateway", method="POST", route="/api/v1/orders"';

export const overview = dashboard({
  name: 'overview',
  title: 'Overview',
  about: 'Is the shop well? The golden signals of every service, the order funnel, and payments.',
  rows: [
    {
      title: 'Checkout',
      panels: [
        panel({
          kind: 'number',
          title: 'Order rate',
          unit: 'reqps',
          decimals: 2,
          about: 'Orders accepted at the gateway, confirmed (201) or pending (202), each second.',
          queries: [[`sum(${rate(`${requests}_count`, `${buy}, status=~"201|202"`)})`, 'orders']],
        }),
        panel({
          kind: 'number',
          title: 'Checkout error rate',
          unit: 'percentunit',
          decimals: 2,
          warn: 0.001,
          error: 0.0144,
          about:
            'Share of attempts to buy that failed with 5xx. Declined cards and sold-out goods are not failures.',
          queries: [
            [
              `(sum(${rate(`${requests}_count`, `${buy}, status=~"5.."`)}) or vector(0)) / sum(${rate(`${requests}_count`, buy)})`,
              'failed',
            ],
          ],
          runbook: 'BuyAvailabilityBurn',
        }),
        panel({
          kind: 'number',
          title: 'Checkout latency, p99',
          unit: 's',
          decimals: 2,
          warn: 0.5,
          error: 1.5,
          about:
            '99 of 100 buyers got a response within this time. Objective: under 500 ms; the budget of a request is 1.5 s.',
          queries: [[quantile(0.99, '', requests, buy), 'p99']],
          runbook: 'BuyLatencyBurn',
        }),
        panel({
          kind: 'number',
          title: 'Orders settled within 60 s',
          unit: 'percentunit',
          decimals: 1,
          warn: 0.99,
          error: 0.95,
          falling: true,
          about: 'Share of orders that reached a final state within 60 s of being placed.',
          queries: [
            [
              `sum(${rate('order_settle_duration_seconds_bucket', 'le="60.0"')} or ${rate('order_settle_duration_seconds_bucket', 'le="60"')}) / sum(${rate('order_settle_duration_seconds_count')})`,
              'settled',
            ],
          ],
          runbook: 'OrdersSettleLate',
        }),
        panel({
          kind: 'number',
          title: 'Open orders',
          unit: 'short',
          warn: 200,
          error: 1000,
          about:
            'Orders that are not in a final state. A few are normal; a growing number says that a step does not finish.',
          queries: [[`sum(${maxBy('state', 'order_sagas', 'state!="needs_attention"')})`, 'open']],
          runbook: 'SagaStuck',
        }),
        panel({
          kind: 'number',
          title: 'Needs attention',
          unit: 'short',
          warn: 1,
          error: 10,
          about: 'Orders, payments and dead letters that need manual intervention.',
          queries: [
            [
              `sum(${maxBy('state', 'order_sagas', 'state="needs_attention"')}) + sum(${maxBy('namespace', 'payment_needs_attention_payments')}) + sum(${maxBy('group', 'messaging_dead_letters_waiting')})`,
              'waiting',
            ],
          ],
          runbook: 'OrdersNeedAttention',
        }),
        panel({
          title: 'Order funnel',
          unit: 'ops',
          width: 12,
          about:
            'Orders that enter each state, per second. The gap between two states is orders that were rejected or are waiting.',
          queries: [
            [sumRate('', 'order_placed_total'), 'placed'],
            [
              sumRate('to', 'order_transitions_total', 'to=~"reserved|authorised|committed|confirmed"'),
              '{{to}}',
            ],
          ],
          runbook: 'SagaStuck',
        }),
        panel({
          title: 'Orders by outcome',
          unit: 'ops',
          width: 6,
          stacked: true,
          about: 'Final states entered each second.',
          queries: [[sumRate('outcome', 'order_settle_duration_seconds_count'), '{{outcome}}']],
        }),
        panel({
          title: 'Payments, minor units per second',
          unit: 'short',
          width: 6,
          about: 'Captured and refunded, by currency, in cents or whatever the currency’s smallest unit is.',
          queries: [
            [sumRate('currency', 'payment_captured_minor_units_total'), 'captured {{currency}}'],
            [seldom(sumRate('currency', 'payment_refunded_minor_units_total')), 'refunded {{currency}}'],
          ],
        }),
      ],
    },
    {
      title: 'Golden signals of every service',
      panels: [
        panel({
          title: 'Traffic',
          unit: 'reqps',
          width: 6,
          about: 'Requests per second.',
          queries: [[sumRate('service', `${requests}_count`), '{{service}}']],
        }),
        panel({
          title: 'Errors',
          unit: 'percentunit',
          width: 6,
          warn: 0.001,
          error: 0.0144,
          runbook: 'ServiceAvailabilityBurn',
          about:
            'Share of 5xx responses. The lines are the objective, and the rate that burns a month’s budget in two days.',
          queries: [
            [
              `(${sumRate('service', `${requests}_count`, 'status=~"5.."')} or ${sumRate('service', `${requests}_count`)} * 0) / ${sumRate('service', `${requests}_count`)}`,
              '{{service}}',
            ],
          ],
        }),
        panel({
          title: 'Latency, p99',
          unit: 's',
          width: 6,
          warn: 0.5,
          runbook: 'ServiceLatencyBurn',
          about:
            'Excludes event streams. The dashboard of a service leads from its slow requests to their traces.',
          queries: [[quantile(0.99, 'service', requests, noStreams), '{{service}}']],
        }),
        panel({
          title: 'Saturation: event loop',
          unit: 's',
          width: 6,
          warn: 0.2,
          runbook: 'EventLoopBlocked',
          about:
            'Event-loop delay, p99. A saturated Node.js process responds late: above 200 ms everything in it waits.',
          queries: [[maxBy('service', 'nodejs_eventloop_delay_seconds', 'statistic="p99"'), '{{service}}']],
        }),
        panel({
          title: 'Up',
          unit: 'short',
          width: 6,
          height: 7,
          runbook: 'TargetDown',
          about: 'Replicas of each service whose metrics were read.',
          queries: [[`sum by (service) (${metric('up', 'job="bulkhead"')})`, '{{service}}']],
        }),
        panel({
          title: 'CPU',
          unit: 'short',
          width: 6,
          height: 7,
          about: 'Cores in use, of all replicas.',
          queries: [[sumRate('service', 'process_cpu_seconds_total'), '{{service}}']],
        }),
        panel({
          title: 'Rejected requests',
          unit: 'reqps',
          width: 6,
          height: 7,
          runbook: 'LoadShed',
          about:
            'Requests refused before their handler, by reason. Overload is load that was shed so that the rest is served.',
          queries: [[seldom(sumRate('reason', 'http_server_rejections_total'), 'reason'), '{{reason}}']],
        }),
        panel({
          title: 'Circuit breakers not closed',
          unit: 'short',
          width: 6,
          height: 7,
          warn: 1,
          runbook: 'BreakerOpen',
          about: 'Breakers by caller that let nothing, or only probes, through.',
          queries: [
            [`sum by (service) (${metric('http_client_breaker_state', 'state!="closed"')})`, '{{service}}'],
          ],
        }),
      ],
    },
  ],
});
