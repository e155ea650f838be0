import { dashboard } from './frame';
import { panel } from './panel';
import { metric, rate } from './promql';

const sum = (name: string) => `sum(${metric(name)})`;
const perSecond = (name: string) => `sum(${rate(name)})`;

export const rabbitmq = dashboard({
  name: 'rabbitmq',
  title: 'RabbitMQ',
  about: 'The broker by its own plugin rabbitmq_prometheus: /metrics, and /metrics/detailed for queues.',
  rows: [
    {
      title: 'Broker',
      panels: [
        panel({
          kind: 'number',
          title: 'Connections',
          unit: 'short',
          about: 'Two for each service process: one sends, one hears.',
          queries: [[sum('rabbitmq_connections'), 'connections']],
          runbook: 'BrokerConnectionDown',
        }),
        panel({
          kind: 'number',
          title: 'Channels',
          unit: 'short',
          about: 'A number that only grows is a leak.',
          queries: [[sum('rabbitmq_channels'), 'channels']],
        }),
        panel({
          kind: 'number',
          title: 'Queues',
          unit: 'short',
          about: 'Of the groups, their waits and their dead letters.',
          queries: [[sum('rabbitmq_queues'), 'queues']],
        }),
        panel({
          kind: 'number',
          title: 'Ready',
          unit: 'short',
          warn: 1000,
          error: 10000,
          about: 'Messages that wait to be delivered.',
          queries: [[sum('rabbitmq_queue_messages_ready'), 'ready']],
          runbook: 'QueueLag',
        }),
        panel({
          kind: 'number',
          title: 'Unacknowledged',
          unit: 'short',
          about: 'Delivered and being handled.',
          queries: [[sum('rabbitmq_queue_messages_unacked'), 'unacked']],
        }),
        panel({
          kind: 'number',
          title: 'Memory in use',
          unit: 'percentunit',
          warn: 0.7,
          error: 0.95,
          about: 'Of the limit at which the broker blocks publishers.',
          queries: [
            [
              `max(${metric('rabbitmq_process_resident_memory_bytes')} / ${metric('rabbitmq_resident_memory_limit_bytes')})`,
              'memory',
            ],
          ],
        }),
        panel({
          title: 'Messages',
          unit: 'ops',
          about: 'Published, confirmed, delivered and acknowledged each second.',
          queries: [
            [perSecond('rabbitmq_global_messages_received_total'), 'published'],
            [perSecond('rabbitmq_global_messages_confirmed_total'), 'confirmed'],
            [perSecond('rabbitmq_global_messages_delivered_total'), 'delivered'],
            [perSecond('rabbitmq_global_messages_acknowledged_total'), 'acknowledged'],
          ],
        }),
        panel({
          title: 'Returned or dropped messages',
          unit: 'ops',
          about:
            'Messages that no queue took. An event that some group hears is mandatory: it comes back and is sent again. What nobody hears, such as order.placed.v1, is dropped.',
          queries: [
            [perSecond('rabbitmq_global_messages_unroutable_returned_total'), 'returned'],
            [perSecond('rabbitmq_global_messages_unroutable_dropped_total'), 'dropped'],
          ],
        }),
        panel({
          title: 'Free disk',
          unit: 'bytes',
          about: 'Under the limit the broker blocks publishers.',
          queries: [
            [`min(${metric('rabbitmq_disk_space_available_bytes')})`, 'free'],
            [`max(${metric('rabbitmq_disk_space_available_limit_bytes')})`, 'limit'],
          ],
        }),
        panel({
          title: 'Memory',
          unit: 'bytes',
          width: 12,
          about: 'Of the Erlang machine, and where publishers are blocked.',
          queries: [
            [sum('rabbitmq_process_resident_memory_bytes'), 'resident'],
            [`max(${metric('rabbitmq_resident_memory_limit_bytes')})`, 'limit'],
          ],
        }),
        panel({
          title: 'File descriptors and sockets',
          unit: 'short',
          width: 12,
          about: 'In use.',
          queries: [
            [sum('rabbitmq_process_open_fds'), 'open files'],
            [`sum(${rate('rabbitmq_connections_opened_total')})`, 'connections opened a second'],
            [`sum(${rate('rabbitmq_connections_closed_total')})`, 'connections closed a second'],
          ],
        }),
      ],
    },
    {
      title: 'Queues',
      panels: [
        panel({
          title: 'Queue depth by group',
          unit: 'short',
          width: 12,
          about: 'Ready messages. The ten longest.',
          runbook: 'QueueLag',
          queries: [
            [
              `topk(10, max by (queue) (${metric('rabbitmq_detailed_queue_messages_ready', 'queue!~".*[.](wait|dead).*"')}))`,
              '{{queue}}',
            ],
          ],
        }),
        panel({
          title: 'Retry and dead-letter queues',
          unit: 'short',
          width: 12,
          about: 'Ready messages in the wait and dead-letter queues. The ten longest.',
          runbook: 'DeadLetters',
          queries: [
            [
              `topk(10, max by (queue) (${metric('rabbitmq_detailed_queue_messages_ready', 'queue=~".*[.](wait|dead).*"')}))`,
              '{{queue}}',
            ],
          ],
        }),
        panel({
          title: 'Consumers',
          unit: 'short',
          width: 12,
          about: 'A group’s queue without a consumer is not worked off.',
          queries: [
            [
              `sum by (queue) (${metric('rabbitmq_detailed_queue_consumers', 'queue!~".*[.](wait|dead).*"')})`,
              '{{queue}}',
            ],
          ],
        }),
        panel({
          title: 'Unacknowledged',
          unit: 'short',
          width: 12,
          about: 'Delivered and being handled, by queue.',
          queries: [
            [`topk(10, max by (queue) (${metric('rabbitmq_detailed_queue_messages_unacked')}))`, '{{queue}}'],
          ],
        }),
      ],
    },
  ],
});
