import { dashboard } from './frame';
import { panel } from './panel';
import { metric, quantile, seldom, sumRate } from './promql';

const own = 'service=~"$service"';

export const resilience = dashboard({
  name: 'resilience',
  title: 'Resilience',
  about:
    'What keeps one part’s trouble from being everybody’s: breakers, bulkheads, retries, deadlines, load shedding.',
  byService: true,
  rows: [
    {
      title: 'Circuit breakers and bulkheads',
      panels: [
        panel({
          title: 'Breakers not closed',
          unit: 'short',
          max: 1,
          warn: 1,
          about: '1 while the caller’s breaker for a peer is open or probing.',
          runbook: 'BreakerOpen',
          queries: [
            [
              `max by (service, peer) (${metric('http_client_breaker_state', `${own}, state!="closed"`)})`,
              '{{service}} → {{peer}}',
            ],
          ],
        }),
        panel({
          title: 'Breakers opened',
          unit: 'ops',
          about: 'Changes of breakers, by the state entered.',
          runbook: 'BreakerOpen',
          queries: [
            [
              seldom(
                sumRate('service, peer, state', 'http_client_breaker_changes_total', own),
                'service',
                'peer',
              ),
              '{{service}} → {{peer}} {{state}}',
            ],
          ],
        }),
        panel({
          title: 'Rejected calls to peers',
          unit: 'ops',
          about: 'Rejected immediately by a circuit breaker, bulkhead or retry budget.',
          queries: [
            [
              seldom(
                sumRate('service, peer, reason', 'http_client_rejections_total', own),
                'service',
                'peer',
              ),
              '{{service}} → {{peer}} {{reason}}',
            ],
          ],
        }),
        panel({
          title: 'Bulkheads in use',
          unit: 'percentunit',
          warn: 0.8,
          error: 1,
          width: 12,
          about: 'Share of the places for calls at once to each peer.',
          queries: [
            [
              `max by (service, peer) (${metric('http_client_bulkhead_calls', `${own}, place="running"`)} / ${metric('http_client_bulkhead_limit_calls', `${own}, place="running"`)})`,
              '{{service}} → {{peer}}',
            ],
          ],
        }),
        panel({
          title: 'Calls queued in bulkheads',
          unit: 'short',
          width: 12,
          about: 'A queue here means that the peer is slow.',
          queries: [
            [
              `max by (service, peer) (${metric('http_client_bulkhead_calls', `${own}, place="waiting"`)})`,
              '{{service}} → {{peer}}',
            ],
          ],
        }),
      ],
    },
    {
      title: 'Retries and deadlines',
      panels: [
        panel({
          title: 'Retries',
          unit: 'ops',
          about: 'Attempts after the first.',
          queries: [
            [
              seldom(sumRate('service, peer', 'http_client_retries_total', own), 'service', 'peer'),
              '{{service}} → {{peer}}',
            ],
          ],
        }),
        panel({
          title: 'Retry budget left',
          unit: 'short',
          about:
            'Retries that could be paid for now. At 0 none is made, and a peer in trouble is left alone.',
          queries: [
            [
              `min by (service, peer) (${metric('http_client_retry_budget_retries', own)})`,
              '{{service}} → {{peer}}',
            ],
          ],
        }),
        panel({
          title: 'Deadlines exceeded',
          unit: 'ops',
          about: 'Requests that were started, and whose deadline passed before the response.',
          queries: [[sumRate('service', 'http_server_deadlines_exceeded_total', own), '{{service}}']],
        }),
        panel({
          title: 'Calls to peers by outcome',
          unit: 'ops',
          width: 12,
          stacked: true,
          about: 'All attempts included in one call.',
          queries: [[sumRate('outcome', 'http_client_request_duration_seconds_count', own), '{{outcome}}']],
        }),
        panel({
          title: 'Calls to peers, p99',
          unit: 's',
          width: 12,
          about: 'Retries and waits included.',
          queries: [
            [
              quantile(0.99, 'service, peer', 'http_client_request_duration_seconds', own),
              '{{service}} → {{peer}}',
            ],
          ],
        }),
      ],
    },
    {
      title: 'Admission control',
      panels: [
        panel({
          title: 'Concurrency limit',
          unit: 'short',
          about: 'The limit that each service has derived from its own latency.',
          queries: [[`max by (service) (${metric('http_server_concurrency_limit', own)})`, '{{service}}']],
        }),
        panel({
          title: 'Admitted requests',
          unit: 'short',
          about: 'Requests in progress under the limit.',
          queries: [[`max by (service) (${metric('http_server_admitted_requests', own)})`, '{{service}}']],
        }),
        panel({
          title: 'Queued requests',
          unit: 'short',
          about: 'By priority. A burst is gone in a moment; a queue that stays is load at the limit.',
          queries: [
            [
              `max by (service, priority) (${metric('http_server_queued_requests', own)})`,
              '{{service}} {{priority}}',
            ],
          ],
        }),
        panel({
          title: 'Queue wait, p99',
          unit: 's',
          about: 'Of requests that were queued and then admitted, by priority.',
          queries: [
            [
              quantile(0.99, 'service, priority', 'http_server_queue_wait_seconds', own),
              '{{service}} {{priority}}',
            ],
          ],
        }),
        panel({
          title: 'Refused by the queue',
          unit: 'reqps',
          about:
            'By priority and reason: `delay` and `deadline` were rejected at once, `timeout` waited without being admitted, `full` met the bound of the queue, the client of `gone` left.',
          runbook: 'LoadShed',
          queries: [
            [
              seldom(
                sumRate('service, priority, reason', 'http_server_queue_refusals_total', own),
                'service',
                'priority',
              ),
              '{{service}} {{priority}} {{reason}}',
            ],
          ],
        }),
        panel({
          title: 'Rejected requests',
          unit: 'reqps',
          about: 'By reason. `overload` is load that was shed.',
          runbook: 'LoadShed',
          queries: [
            [
              seldom(sumRate('service, reason', 'http_server_rejections_total', own), 'service'),
              '{{service}} {{reason}}',
            ],
          ],
        }),
      ],
    },
  ],
});
