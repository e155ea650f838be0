import type { ServiceName } from '@bulkhead/contracts/services';
import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, metric, noStreams, quantile, rate, requests, seldom, sumRate } from './promql';

/** What one service does, needs and costs. */
export function serviceDashboard(
  name: ServiceName,
  parts: {
    readonly database: boolean;
    readonly peers: boolean;
    /** Whether it tries again what failed, instead of passing requests on. */
    readonly attempts: boolean;
    readonly groups: boolean;
    /** Whether pages report to it how their visits went. */
    readonly pages: boolean;
  },
) {
  const own = `service="${name}"`;
  return dashboard({
    name: `service-${name}`,
    title: `Service ${name}`,
    about: `Requests, peers, database, messages and process of ${name}.`,
    rows: [
      {
        title: 'Requests',
        panels: [
          panel({
            kind: 'number',
            title: 'Traffic',
            unit: 'reqps',
            decimals: 1,
            about: 'Requests per second.',
            queries: [[`sum(${rate(`${requests}_count`, own)})`, 'requests']],
          }),
          panel({
            kind: 'number',
            title: 'Errors',
            unit: 'percentunit',
            decimals: 2,
            warn: 0.001,
            error: 0.0144,
            runbook: 'ServiceAvailabilityBurn',
            about: 'Share of responses with a 5xx status.',
            queries: [
              [
                `(sum(${rate(`${requests}_count`, `${own}, status=~"5.."`)}) or vector(0)) / sum(${rate(`${requests}_count`, own)})`,
                '5xx',
              ],
            ],
          }),
          panel({
            kind: 'number',
            title: 'p50',
            unit: 's',
            about: 'Half of the responses were sent within this time.',
            queries: [[quantile(0.5, '', requests, `${own}, ${noStreams}`), 'p50']],
          }),
          panel({
            kind: 'number',
            title: 'p99',
            unit: 's',
            warn: 0.5,
            error: 1.5,
            runbook: 'ServiceLatencyBurn',
            about: '99 % of the responses were sent within this time.',
            queries: [[quantile(0.99, '', requests, `${own}, ${noStreams}`), 'p99']],
          }),
          panel({
            kind: 'number',
            title: 'In flight',
            unit: 'short',
            about: 'Requests being handled now, streams included.',
            queries: [[`sum(${metric('http_server_requests_in_flight', own)})`, 'in flight']],
          }),
          panel({
            kind: 'number',
            title: 'Replicas',
            unit: 'short',
            falling: true,
            warn: 1,
            error: 1,
            runbook: 'TargetDown',
            about: 'Processes whose metrics were read.',
            queries: [[`sum(${metric('up', `job="bulkhead", ${own}`)})`, 'up']],
          }),
          panel({
            title: 'Traffic by route',
            unit: 'reqps',
            about: 'The ten busiest routes.',
            queries: [
              [`topk(10, ${sumRate('method, route', `${requests}_count`, own)})`, '{{method}} {{route}}'],
            ],
          }),
          panel({
            title: 'Responses by status',
            unit: 'reqps',
            stacked: true,
            about: 'All responses. 499: the client disconnected first.',
            queries: [[sumRate('status', `${requests}_count`, own), '{{status}}']],
          }),
          panel({
            title: 'Latency',
            unit: 's',
            warn: 0.5,
            exemplars: true,
            about:
              'Excludes event streams. Diamonds are single requests of the p99 query and lead to traces.',
            runbook: 'ServiceLatencyBurn',
            queries: ([0.5, 0.9, 0.99] as const).map(
              (share) => [quantile(share, '', requests, `${own}, ${noStreams}`), `p${share * 100}`] as const,
            ),
          }),
          panel({
            title: 'Slowest routes, p95',
            unit: 's',
            width: 12,
            about: 'Routes that are slowest now.',
            queries: [
              [
                `topk(8, ${quantile(0.95, 'method, route', requests, `${own}, ${noStreams}`)} > 0)`,
                '{{method}} {{route}}',
              ],
            ],
          }),
          panel({
            title: 'Rejected requests',
            unit: 'reqps',
            width: 12,
            about: 'Requests refused before their handler, by reason.',
            runbook: 'LoadShed',
            queries: [
              [seldom(sumRate('reason', 'http_server_rejections_total', own), 'reason'), '{{reason}}'],
            ],
          }),
        ],
      },
      ...(parts.pages
        ? [
            {
              title: 'Storefront, as browsers see it',
              panels: [
                panel({
                  title: 'Web vitals, p75',
                  unit: 's',
                  warn: 2.5,
                  about:
                    'Three quarters of the visits were at least as fast. Good: LCP up to 2.5 s, INP up to 0.2 s, TTFB up to 0.8 s.',
                  queries: [[quantile(0.75, 'vital', 'page_vital_seconds', own), '{{vital}}']],
                }),
                panel({
                  title: 'Layout shift, p75',
                  unit: 'short',
                  warn: 0.1,
                  error: 0.25,
                  about: 'Three quarters of the visits shifted no more than this. Good: up to 0.1.',
                  queries: [[quantile(0.75, '', 'page_layout_shift_ratio', own), 'p75']],
                }),
                panel({
                  title: 'Errors in pages',
                  unit: 'ops',
                  about: 'Errors that no code of the pages expected, by kind.',
                  queries: [[seldom(sumRate('kind', 'page_errors_total', own), 'kind'), '{{kind}}']],
                }),
              ],
            },
          ]
        : []),
      ...(parts.peers
        ? [
            {
              title: 'Peers',
              panels: [
                panel({
                  title: 'Circuit breakers',
                  unit: 'short',
                  max: 2,
                  warn: 1,
                  about: '0 closed, 1 half-open, 2 open, by peer.',
                  runbook: 'BreakerOpen',
                  queries: [
                    [
                      `max by (peer) (${metric('http_client_breaker_state', `${own}, state="open"`)} * 2) > 0 or max by (peer) (${metric('http_client_breaker_state', `${own}, state="half-open"`)})`,
                      '{{peer}}',
                    ],
                  ],
                }),
                ...(parts.attempts
                  ? [
                      panel({
                        title: 'Attempts, p95',
                        unit: 's',
                        about: 'Single attempts that reached the peer.',
                        queries: [
                          [quantile(0.95, 'peer', 'http_client_attempt_duration_seconds', own), '{{peer}}'],
                        ],
                      }),
                    ]
                  : []),
                panel({
                  title: 'Bulkheads',
                  unit: 'short',
                  about: 'Calls that run, and that wait for a place, by peer.',
                  queries: [
                    [
                      `sum by (peer, place) (${metric('http_client_bulkhead_calls', own)})`,
                      '{{peer}} {{place}}',
                    ],
                  ],
                }),
              ],
            },
          ]
        : []),
      ...(parts.database
        ? [
            {
              title: 'Database and outbox',
              panels: [
                panel({
                  title: 'Statements',
                  unit: 'ops',
                  about: 'The ten statements that ran most.',
                  queries: [
                    [
                      `topk(10, ${sumRate('statement', 'db_client_operation_duration_seconds_count', own)})`,
                      '{{statement}}',
                    ],
                  ],
                }),
                panel({
                  title: 'Slowest statements, p95',
                  unit: 's',
                  about: 'By the name they are prepared under.',
                  queries: [
                    [
                      `topk(8, ${quantile(0.95, 'statement', 'db_client_operation_duration_seconds', own)} > 0)`,
                      '{{statement}}',
                    ],
                  ],
                }),
                panel({
                  title: 'Connection pool',
                  unit: 'short',
                  about:
                    'All replicas. Used at max and callers waiting: the pool is too small or a statement too slow.',
                  runbook: 'PoolExhausted',
                  queries: [
                    [`sum by (state) (${metric('db_client_connections', own)})`, '{{state}}'],
                    [`sum(${metric('db_client_connections_waiting', own)})`, 'waiting'],
                  ],
                }),
                panel({
                  title: 'Outbox: age of the oldest row',
                  unit: 's',
                  warn: 60,
                  width: 12,
                  about: 'Events that wait to be sent. Normally well under a second.',
                  runbook: 'OutboxOld',
                  queries: [[maxBy('service', 'messaging_outbox_oldest_age_seconds', own), 'oldest']],
                }),
                panel({
                  title: 'Outbox: rows',
                  unit: 'short',
                  width: 12,
                  about: 'Unsent rows, and rows parked after ten failures of their own.',
                  runbook: 'OutboxParked',
                  queries: [[maxBy('state', 'messaging_outbox_rows', own), '{{state}}']],
                }),
              ],
            },
          ]
        : []),
      ...(parts.groups
        ? [
            {
              title: 'Consumed events',
              panels: [
                panel({
                  title: 'Handled',
                  unit: 'ops',
                  about: 'Deliveries by how they ended.',
                  queries: [
                    [
                      sumRate('group, outcome', 'messaging_handle_duration_seconds_count', own),
                      '{{group}} {{outcome}}',
                    ],
                  ],
                }),
                panel({
                  title: 'Lag, p95',
                  unit: 's',
                  warn: 60,
                  about: 'From the time of the event to the end of its handling.',
                  runbook: 'QueueLag',
                  queries: [[quantile(0.95, 'group', 'messaging_lag_seconds', own), '{{group}}']],
                }),
                panel({
                  title: 'Waiting, and dead letters',
                  unit: 'short',
                  about: 'Messages in the service’s queues.',
                  runbook: 'DeadLetters',
                  queries: [
                    [maxBy('group', 'messaging_queue_messages', own), '{{group}}'],
                    [maxBy('group', 'messaging_dead_letters_waiting', own), '{{group}} dead'],
                  ],
                }),
              ],
            },
          ]
        : []),
      {
        title: 'Process',
        panels: [
          panel({
            title: 'CPU',
            unit: 'short',
            about: 'Cores in use.',
            queries: [[sumRate('pod', 'process_cpu_seconds_total', own), '{{pod}}']],
          }),
          panel({
            title: 'Memory',
            unit: 'bytes',
            about: 'Resident memory and used heap.',
            queries: [
              [
                `sum by (pod, kind) (${metric('nodejs_memory_bytes', `${own}, kind=~"rss|heap_used"`)})`,
                '{{pod}} {{kind}}',
              ],
            ],
          }),
          panel({
            title: 'Event-loop delay',
            unit: 's',
            warn: 0.2,
            about: 'Since the last scrape.',
            runbook: 'EventLoopBlocked',
            queries: [
              [
                maxBy('pod, statistic', 'nodejs_eventloop_delay_seconds', `${own}, statistic!="p50"`),
                '{{pod}} {{statistic}}',
              ],
            ],
          }),
        ],
      },
    ],
  });
}
