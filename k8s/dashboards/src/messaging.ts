import { dashboard } from './frame';
import { panel } from './panel';
import { maxBy, quantile, seldom, sumRate, metric } from './promql';

const own = 'service=~"$service"';

export const messaging = dashboard({
  name: 'messaging',
  title: 'Messaging',
  about: 'Events from outbox to inbox: are they sent, are they handled, what was given up on?',
  byService: true,
  rows: [
    {
      title: 'Publishing',
      panels: [
        panel({
          title: 'Outbox: age of the oldest row',
          unit: 's',
          warn: 60,
          about: 'Normally well under a second. It grows while the broker is unavailable.',
          runbook: 'OutboxOld',
          queries: [[maxBy('service', 'messaging_outbox_oldest_age_seconds', own), '{{service}}']],
        }),
        panel({
          title: 'Outbox: rows',
          unit: 'short',
          about: 'Unsent rows, and those parked after ten failures of their own.',
          runbook: 'OutboxParked',
          queries: [[maxBy('service, state', 'messaging_outbox_rows', own), '{{service}} {{state}}']],
        }),
        panel({
          title: 'Published',
          unit: 'ops',
          about: 'By event type and outcome.',
          queries: [[sumRate('type, outcome', 'messaging_published_total', own), '{{type}} {{outcome}}']],
        }),
      ],
    },
    {
      title: 'Consuming',
      panels: [
        panel({
          title: 'Consumer lag, p95',
          unit: 's',
          warn: 60,
          about: 'From the time of the event to the end of its handling.',
          runbook: 'QueueLag',
          queries: [[quantile(0.95, 'group', 'messaging_lag_seconds', own), '{{group}}']],
        }),
        panel({
          title: 'Queue depth',
          unit: 'short',
          about: 'In the queue of each group, retries to come left out.',
          runbook: 'QueueLag',
          queries: [[maxBy('group', 'messaging_queue_messages', own), '{{group}}']],
        }),
        panel({
          title: 'Handled by outcome',
          unit: 'ops',
          stacked: true,
          about: '`duplicate` was there before and had no effect again.',
          queries: [[sumRate('outcome', 'messaging_handle_duration_seconds_count', own), '{{outcome}}']],
        }),
        panel({
          title: 'Handling duration, p95',
          unit: 's',
          about: 'Duration of handling one delivery.',
          queries: [[quantile(0.95, 'group', 'messaging_handle_duration_seconds', own), '{{group}}']],
        }),
        panel({
          title: 'Retries',
          unit: 'ops',
          about: 'Deliveries put off: 1 s, 10 s, 1 min, 10 min.',
          queries: [[seldom(sumRate('group', 'messaging_retries_total', own), 'group'), '{{group}}']],
        }),
        panel({
          title: 'Dead letters',
          unit: 'short',
          warn: 1,
          about: 'Messages that were given up on and have not been redriven or dropped.',
          runbook: 'DeadLetters',
          queries: [[maxBy('group', 'messaging_dead_letters_waiting', own), '{{group}}']],
        }),
        panel({
          title: 'Dropped messages',
          unit: 'ops',
          warn: 0.0001,
          about: 'Dead letters that could not be stored. Their bodies may be lost.',
          runbook: 'MessagesDropped',
          queries: [[seldom(sumRate('group', 'messaging_dropped_total', own), 'group'), '{{group}}']],
        }),
      ],
    },
    {
      title: 'Connections and dependencies',
      panels: [
        panel({
          title: 'Connections to the broker',
          unit: 'short',
          about: '1 while a connection is up and not blocked.',
          runbook: 'BrokerConnectionDown',
          queries: [
            [`min by (service, connection) (${metric('messaging_connection_up', own)})`, '{{connection}}'],
          ],
        }),
        panel({
          title: 'Paused consumers',
          unit: 'short',
          warn: 1,
          about: 'A paused group uses up no attempts and goes on by itself.',
          runbook: 'ConsumerPaused',
          queries: [
            [
              seldom(maxBy('group, dependency', 'messaging_consumer_paused', own), 'group', 'dependency'),
              '{{group}} for {{dependency}}',
            ],
          ],
        }),
        panel({
          title: 'Mail backlog',
          unit: 'short',
          width: 4,
          about: 'Mails not sent yet.',
          runbook: 'MailLate',
          queries: [[maxBy('service', 'notification_mails_waiting'), 'waiting']],
        }),
        panel({
          title: 'Mail delivery attempts',
          unit: 'ops',
          width: 4,
          about: '`away`: the mail server or a required service is unavailable; this uses up no attempts.',
          runbook: 'MailLate',
          queries: [[sumRate('outcome', 'notification_mail_attempts_total'), '{{outcome}}']],
        }),
      ],
    },
  ],
});
