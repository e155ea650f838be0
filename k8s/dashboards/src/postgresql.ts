import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, metric, quantile, rate, seldom, sumRate } from './promql';

const own = 'service=~"$service"';
/** Every replica tells the same of the shared database. */
const ofServer = (by: string, name: string, where = own) => `max by (${by}) (${rate(name, where)})`;

export const postgresql = dashboard({
  name: 'postgresql',
  title: 'PostgreSQL',
  about:
    'Each service’s database as the service itself sees it: no exporter is needed, and a managed server shows the same.',
  byService: true,
  rows: [
    {
      title: 'Server',
      panels: [
        panel({
          title: 'Databases up',
          unit: 'short',
          max: 1,
          about: '1 if the database responded to the last scrape.',
          runbook: 'DatabaseDown',
          queries: [[`min by (service) (${metric('postgresql_up', own)})`, '{{service}}']],
        }),
        panel({
          title: 'Server connections used',
          unit: 'percentunit',
          max: 1,
          warn: 0.8,
          about: 'All databases, of max_connections.',
          runbook: 'DatabaseConnectionsNearlyUsedUp',
          queries: [
            [
              `max by (namespace) (${metric('postgresql_server_connections')} / ${metric('postgresql_server_connections_max')})`,
              '{{namespace}}',
            ],
          ],
        }),
        panel({
          title: 'Size',
          unit: 'bytes',
          stacked: true,
          about: 'On disk, by database.',
          queries: [[maxBy('service', 'postgresql_database_bytes', own), '{{service}}']],
        }),
        panel({
          title: 'Transactions',
          unit: 'ops',
          about: 'Committed and rolled back.',
          queries: [
            [ofServer('service, outcome', 'postgresql_transactions_total'), '{{service}} {{outcome}}'],
          ],
        }),
        panel({
          title: 'Cache hit ratio',
          unit: 'percentunit',
          max: 1,
          about: 'Under 0.99 for long: the working set no longer fits.',
          queries: [
            [
              `${ofServer('service', 'postgresql_blocks_total', `${own}, source="memory"`)} / (${ofServer('service', 'postgresql_blocks_total', `${own}, source="memory"`)} + ${ofServer('service', 'postgresql_blocks_total', `${own}, source="read"`)})`,
              '{{service}}',
            ],
          ],
        }),
        panel({
          title: 'Rows written',
          unit: 'ops',
          about: 'Inserted, updated and deleted.',
          queries: [
            [
              `sum by (operation) (${ofServer('service, operation', 'postgresql_rows_total', `${own}, operation=~"inserted|updated|deleted"`)})`,
              '{{operation}}',
            ],
          ],
        }),
        panel({
          title: 'Lock waits and deadlocks',
          unit: 'short',
          about: 'More than a few for long: a transaction holds what others need.',
          queries: [
            [maxBy('service', 'postgresql_waiting_locks', own), '{{service}} waiting'],
            [seldom(`sum(${ofServer('service', 'postgresql_deadlocks_total')})`), 'deadlocks a second'],
          ],
        }),
        panel({
          title: 'Longest transaction',
          unit: 's',
          warn: 60,
          about: 'Of the service’s role. A long one holds vacuum back.',
          queries: [[maxBy('service', 'postgresql_oldest_transaction_seconds', own), '{{service}}']],
        }),
        panel({
          kind: 'bars',
          title: 'Largest tables',
          unit: 'bytes',
          about: 'With indexes.',
          queries: [
            [`topk(12, ${maxBy('service, table', 'postgresql_table_bytes', own)})`, '{{service}}.{{table}}'],
          ],
        }),
      ],
    },
    {
      title: 'Pools and statements',
      panels: [
        panel({
          title: 'Pool utilisation',
          unit: 'percentunit',
          max: 1,
          warn: 0.8,
          about: 'Used connections, of the pool’s limit.',
          runbook: 'PoolExhausted',
          queries: [
            [
              `sum by (service) (${metric('db_client_connections', `${own}, state="used"`)}) / sum by (service) (${metric('db_client_connections', `${own}, state="max"`)})`,
              '{{service}}',
            ],
          ],
        }),
        panel({
          title: 'Connection wait, p99',
          unit: 's',
          about: 'Counts against the deadline of the request.',
          runbook: 'PoolExhausted',
          queries: [[quantile(0.99, 'service', 'db_client_connection_wait_seconds', own), '{{service}}']],
        }),
        panel({
          title: 'Slowest statements, p99',
          unit: 's',
          about: 'By the name they are prepared under.',
          queries: [
            [
              `topk(10, ${quantile(0.99, 'service, statement', 'db_client_operation_duration_seconds', own)} > 0)`,
              '{{service}} {{statement}}',
            ],
          ],
        }),
        panel({
          title: 'Time in statements',
          unit: 'short',
          about: 'Seconds of statement time each second: what the database is busy with.',
          queries: [
            [
              `topk(10, ${sumRate('service, statement', 'db_client_operation_duration_seconds_sum', own)})`,
              '{{service}} {{statement}}',
            ],
          ],
        }),
        panel({
          title: 'Failed statements',
          unit: 'ops',
          about: 'Conflicts that are repeated included.',
          queries: [
            [
              seldom(
                sumRate(
                  'service, statement',
                  'db_client_operation_duration_seconds_count',
                  `${own}, outcome="error"`,
                ),
                'service',
              ),
              '{{service}} {{statement}}',
            ],
          ],
        }),
        panel({
          title: 'Dead tuples',
          unit: 'short',
          about: 'Wait for vacuum. A number that only grows: something holds vacuum back.',
          queries: [
            [
              `topk(8, ${maxBy('service, table', 'postgresql_table_rows', `${own}, kind="dead"`)})`,
              '{{service}}.{{table}}',
            ],
          ],
        }),
      ],
    },
  ],
});
