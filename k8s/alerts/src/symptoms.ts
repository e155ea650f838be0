import { serviceNames } from '@bulkhead/contracts/services';
import type { Alert, Group } from './rule';

const order = 'namespace="shop", service="order", pod="order-1"';
const up = (except = '') =>
  Object.fromEntries(
    serviceNames
      .filter((name) => name !== except)
      .map((name) => [`up{job="bulkhead", namespace="shop", service="${name}", pod="${name}-1"}`, '1x40']),
  );

/** A vector's absence carries the labels that were asked for, so that each service is asked for by its name. */
export const absent = (service: string) => `absent(up{job="bulkhead", service="${service}"})`;

const orders: Alert[] = [
  {
    alert: 'SagaStuck',
    of: 'order',
    severity: 'page',
    for: '2m',
    dashboard: 'saga',
    expr: 'max by (namespace, state) (order_saga_oldest_age_seconds{state!="needs_attention"}) > 900',
    summary: 'An order has been {{ $labels.state }} for {{ $value | humanizeDuration }}.',
    description:
      'Every open order proceeds or expires within 15 minutes. This one did not, so recovery is not running or a step keeps failing.',
    fires: { [`order_saga_oldest_age_seconds{${order}, state="reserved"}`]: '0+60x40' },
    silent: {
      [`order_saga_oldest_age_seconds{${order}, state="reserved"}`]: '300x40',
      [`order_saga_oldest_age_seconds{${order}, state="needs_attention"}`]: '9000x40',
    },
  },
  {
    alert: 'OrdersNeedAttention',
    of: 'order',
    severity: 'ticket',
    for: '1m',
    dashboard: 'saga',
    expr: 'max by (namespace) (order_sagas{state="needs_attention"}) > 0',
    summary: '{{ $value }} orders need a person.',
    description:
      'The saga cannot continue and waits for a decision: a refund was refused, or a step has failed for 24 hours.',
    fires: { [`order_sagas{${order}, state="needs_attention"}`]: '2x40' },
    silent: {
      [`order_sagas{${order}, state="needs_attention"}`]: '0x40',
      [`order_sagas{${order}, state="placed"}`]: '9x40',
    },
  },
  {
    alert: 'PaymentsNeedAttention',
    of: 'payment',
    severity: 'ticket',
    for: '1m',
    dashboard: 'saga',
    expr: 'max by (namespace) (payment_needs_attention_payments) > 0',
    summary: '{{ $value }} payments need a person.',
    description: 'Our records and the provider’s differ, and cannot be reconciled automatically.',
    fires: { 'payment_needs_attention_payments{namespace="shop", service="payment"}': '1x40' },
    silent: { 'payment_needs_attention_payments{namespace="shop", service="payment"}': '0x40' },
  },
  {
    alert: 'PaymentsDisputed',
    of: 'payment',
    summary: '{{ $value }} payment disputes are open.',
    description:
      'Buyers’ banks are asking about the payments or have reclaimed them. Without timely evidence, a dispute is lost; a refund would pay the buyer twice.',
    expr: 'max by (namespace) (payment_open_disputes) > 0',
    for: '1m',
    severity: 'ticket',
    dashboard: 'saga',
    fires: { 'payment_open_disputes{namespace="shop", service="payment"}': '1x40' },
    silent: { 'payment_open_disputes{namespace="shop", service="payment"}': '0x40' },
  },
  {
    alert: 'ProviderUnreachable',
    of: 'payment',
    severity: 'page',
    for: '5m',
    dashboard: 'saga',
    expr: 'max by (namespace) (max_over_time(payment_provider_breaker_open[2m])) > 0',
    summary: 'The payment provider has not responded for five minutes.',
    description:
      'Orders are accepted and stay pending (202); they finish when the provider recovers, or expire after 15 minutes.',
    fires: { 'payment_provider_breaker_open{namespace="shop", service="payment"}': '1x40' },
    silent: { 'payment_provider_breaker_open{namespace="shop", service="payment"}': '0x24 1 0x15' },
  },
];

const messages: Alert[] = [
  {
    alert: 'DeadLetters',
    severity: 'ticket',
    for: '1m',
    dashboard: 'messaging',
    expr: 'max by (namespace, service, group) (messaging_dead_letters_waiting) > 0',
    summary: '{{ $labels.group }} has {{ $value }} dead letters.',
    description: 'Messages that failed all attempts or were invalid. Their effects are missing.',
    fires: { [`messaging_dead_letters_waiting{${order}, group="order.payments"}`]: '3x40' },
    silent: { [`messaging_dead_letters_waiting{${order}, group="order.payments"}`]: '0x40' },
  },
  {
    alert: 'MessagesDropped',
    severity: 'ticket',
    for: '1m',
    dashboard: 'messaging',
    expr: 'sum by (namespace, service, group) (increase(messaging_dropped_total[1h])) > 0',
    summary: '{{ $labels.group }} has dropped messages that could not become dead letters.',
    description:
      'Writing the dead letter failed three times for each of them. With in-process events the message is lost; a broker may have dead-lettered it, without the reason.',
    fires: { [`messaging_dropped_total{${order}, group="order.payments"}`]: '0x20 1x20' },
    silent: { [`messaging_dropped_total{${order}, group="order.payments"}`]: '3x40' },
  },
  {
    alert: 'OutboxOld',
    severity: 'page',
    for: '2m',
    dashboard: 'messaging',
    expr: 'max by (namespace, service) (messaging_outbox_oldest_age_seconds) > 60',
    summary: 'Events of {{ $labels.service }} have waited {{ $value | humanizeDuration }} to be sent.',
    description:
      'Nothing is lost: the events are in the database. But consumers do not get them until they are published.',
    fires: { [`messaging_outbox_oldest_age_seconds{${order}}`]: '0+60x40' },
    silent: { [`messaging_outbox_oldest_age_seconds{${order}}`]: '1x40' },
  },
  {
    alert: 'OutboxParked',
    severity: 'ticket',
    for: '1m',
    dashboard: 'messaging',
    expr: 'max by (namespace, service) (messaging_outbox_rows{state="parked"}) > 0',
    summary: '{{ $value }} events of {{ $labels.service }} are parked in the outbox.',
    description:
      'The broker rejected each of them ten times because of the event itself, such as a type without a bound queue.',
    fires: { [`messaging_outbox_rows{${order}, state="parked"}`]: '1x40' },
    silent: {
      [`messaging_outbox_rows{${order}, state="parked"}`]: '0x40',
      [`messaging_outbox_rows{${order}, state="unsent"}`]: '50x40',
    },
  },
  {
    alert: 'QueueLag',
    severity: 'ticket',
    for: '5m',
    dashboard: 'messaging',
    expr: 'max by (namespace, service, group) (messaging_queue_messages) > 1000 or histogram_quantile(0.95, sum by (namespace, service, group, le) (rate(messaging_lag_seconds_bucket[5m]))) > 60',
    summary: '{{ $labels.group }} is behind.',
    description:
      'Over 1,000 messages are waiting, or events are handled more than a minute after they were published.',
    fires: { [`messaging_queue_messages{${order}, group="order.payments"}`]: '5000x40' },
    silent: {
      [`messaging_queue_messages{${order}, group="order.payments"}`]: '10x40',
      [`messaging_lag_seconds_bucket{${order}, group="order.payments", le="1"}`]: '0+60x40',
      [`messaging_lag_seconds_bucket{${order}, group="order.payments", le="300"}`]: '0+60x40',
      [`messaging_lag_seconds_bucket{${order}, group="order.payments", le="+Inf"}`]: '0+60x40',
    },
  },
  {
    alert: 'ConsumerPaused',
    severity: 'ticket',
    for: '10m',
    dashboard: 'messaging',
    expr: 'max by (namespace, service, group, dependency) (messaging_consumer_paused) == 1',
    summary: '{{ $labels.group }} has waited ten minutes for {{ $labels.dependency }}.',
    description:
      'The group is paused while its dependency is unavailable. It resumes by itself, and uses up no attempts.',
    fires: { [`messaging_consumer_paused{${order}, group="order.payments", dependency="database"}`]: '1x40' },
    silent: {
      [`messaging_consumer_paused{${order}, group="order.payments", dependency="database"}`]: '0x20 1x5 0x15',
    },
  },
  {
    alert: 'BrokerConnectionDown',
    severity: 'page',
    for: '2m',
    dashboard: 'rabbitmq',
    expr: 'min by (namespace, service, connection) (messaging_connection_up) == 0',
    summary: '{{ $labels.service }} has no connection to the broker.',
    description: 'Its events wait in the outbox, and it consumes none. Buying still works.',
    fires: { [`messaging_connection_up{${order}, connection="publisher"}`]: '0x40' },
    silent: { [`messaging_connection_up{${order}, connection="publisher"}`]: '1x20 0 1x20' },
  },
  {
    alert: 'MailAccountRefused',
    of: 'notification',
    severity: 'page',
    for: '1m',
    dashboard: 'messaging',
    expr: 'sum by (namespace, what) (increase(notification_mail_account_refusals_total[5m])) > 0',
    summary: 'The mail server rejects our {{ $labels.what }}. No mail is sent.',
    description:
      'Nobody can verify an address or reset a password until the settings are fixed. Mails wait in the database of notification. None is lost.',
    fires: {
      'notification_mail_account_refusals_total{namespace="shop", service="notification", what="sender"}':
        '0x24 2+2x16',
    },
    silent: {
      'notification_mail_account_refusals_total{namespace="shop", service="notification", what="sender"}':
        '3x40',
    },
  },
  {
    alert: 'MailLate',
    of: 'notification',
    severity: 'ticket',
    for: '5m',
    dashboard: 'messaging',
    expr: 'max by (namespace) (notification_mail_oldest_age_seconds) > 900',
    summary: 'A mail has been waiting for {{ $value | humanizeDuration }}.',
    description:
      'Mails wait in the database of notification while the mail server, profile or auth is unavailable. None is lost.',
    fires: { 'notification_mail_oldest_age_seconds{namespace="shop", service="notification"}': '0+120x40' },
    silent: { 'notification_mail_oldest_age_seconds{namespace="shop", service="notification"}': '30x40' },
  },
];

const processes: Alert[] = [
  {
    alert: 'TargetDown',
    severity: 'page',
    for: '2m',
    dashboard: 'overview',
    expr: 'up{job="bulkhead"} == 0',
    summary: '{{ $labels.service }} ({{ $labels.pod }}) cannot be scraped.',
    description: 'The process is dead or hangs, or Prometheus cannot reach its admin port.',
    fires: { ...up('order'), [`up{job="bulkhead", ${order}}`]: '0x40' },
    silent: up(),
  },
  {
    alert: 'ServiceAbsent',
    severity: 'page',
    for: '5m',
    dashboard: 'overview',
    expr: serviceNames.map(absent).join(' or '),
    summary: 'Prometheus has no target for {{ $labels.service }}.',
    description: 'There is no pod, or no monitor matches it. No other alert on this service can fire.',
    fires: up('order'),
    silent: up(),
  },
  {
    alert: 'RestartsOften',
    severity: 'page',
    for: '0m',
    dashboard: 'runtime',
    expr: 'changes(process_start_time_seconds[15m]) > 2',
    summary: '{{ $labels.service }} ({{ $labels.pod }}) started {{ $value }} times in 15 minutes.',
    description: 'It crashes, runs out of memory, or fails its liveness probe.',
    fires: { [`process_start_time_seconds{${order}}`]: '100+60x40' },
    silent: { [`process_start_time_seconds{${order}}`]: '100x20 200x20' },
  },
  {
    alert: 'EventLoopBlocked',
    severity: 'ticket',
    for: '5m',
    dashboard: 'runtime',
    expr: 'max by (namespace, service, pod) (nodejs_eventloop_delay_seconds{statistic="p99"}) > 0.2',
    summary: 'The event loop of {{ $labels.pod }} is blocked for {{ $value | humanizeDuration }}.',
    description: 'It runs a long computation, or the process has too little CPU.',
    fires: { [`nodejs_eventloop_delay_seconds{${order}, statistic="p99"}`]: '0.5x40' },
    silent: {
      [`nodejs_eventloop_delay_seconds{${order}, statistic="p99"}`]: '0.03x40',
      [`nodejs_eventloop_delay_seconds{${order}, statistic="max"}`]: '0.9x40',
    },
  },
  {
    alert: 'BreakerOpen',
    severity: 'ticket',
    for: '3m',
    dashboard: 'resilience',
    expr: 'max by (namespace, service, peer) (max_over_time(http_client_breaker_state{state="open"}[2m])) == 1',
    summary: 'The circuit breaker of {{ $labels.service }} for {{ $labels.peer }} is open.',
    description: 'Calls fail immediately, and the service degrades to what it can do without that peer.',
    fires: { [`http_client_breaker_state{${order}, peer="payment", state="open"}`]: '1x40' },
    silent: { [`http_client_breaker_state{${order}, peer="payment", state="open"}`]: '0x20 1 0x20' },
  },
  {
    alert: 'LoadShed',
    severity: 'ticket',
    for: '5m',
    dashboard: 'resilience',
    expr: 'sum by (namespace, service) (rate(http_server_rejections_total{reason="overload"}[5m])) / sum by (namespace, service) (rate(http_server_request_duration_seconds_count[5m])) > 0.01',
    summary: '{{ $labels.service }} rejects {{ $value | humanizePercentage }} of its requests.',
    description:
      'It gets more requests than it can handle in time. Accepted requests are served; browsing is rejected first, paying last.',
    fires: {
      [`http_server_rejections_total{${order}, reason="overload"}`]: '0+60x40',
      [`http_server_request_duration_seconds_count{${order}, status="200"}`]: '0+600x40',
    },
    silent: {
      [`http_server_rejections_total{${order}, reason="overload"}`]: '0+1x40',
      [`http_server_request_duration_seconds_count{${order}, status="200"}`]: '0+600x40',
    },
  },
];

const databases: Alert[] = [
  {
    alert: 'DatabaseDown',
    severity: 'page',
    for: '1m',
    dashboard: 'postgresql',
    expr: 'min by (namespace, service) (postgresql_up) == 0',
    summary: 'The database of {{ $labels.service }} does not respond.',
    description:
      'The service is not ready after 15 s. Other services keep working as far as they can without it.',
    fires: { [`postgresql_up{${order}}`]: '0x40' },
    silent: { [`postgresql_up{${order}}`]: '1x40' },
  },
  {
    alert: 'PoolExhausted',
    severity: 'ticket',
    for: '2m',
    dashboard: 'postgresql',
    expr: 'max by (namespace, service, pod) (db_client_connections_waiting) > 0 and on (namespace, service, pod) db_client_connections{state="used"} >= ignoring(state) db_client_connections{state="max"}',
    summary: 'Callers in {{ $labels.pod }} wait for a connection to the database.',
    description: 'All connections of the pool are in use. The wait counts against the deadlines of requests.',
    fires: {
      [`db_client_connections_waiting{${order}}`]: '5x40',
      [`db_client_connections{${order}, state="used"}`]: '10x40',
      [`db_client_connections{${order}, state="max"}`]: '10x40',
    },
    silent: {
      [`db_client_connections_waiting{${order}}`]: '0x40',
      [`db_client_connections{${order}, state="used"}`]: '10x40',
      [`db_client_connections{${order}, state="max"}`]: '10x40',
    },
  },
  {
    alert: 'DatabaseConnectionsNearlyUsedUp',
    severity: 'ticket',
    for: '5m',
    dashboard: 'postgresql',
    expr: 'max by (namespace) (postgresql_server_connections / postgresql_server_connections_max) > 0.8',
    summary: '{{ $value | humanizePercentage }} of the connections that PostgreSQL allows are in use.',
    description: 'At 100 % no further pod can start, and a restarted pod may not get connections.',
    fires: {
      [`postgresql_server_connections{${order}}`]: '95x40',
      [`postgresql_server_connections_max{${order}}`]: '100x40',
    },
    silent: {
      [`postgresql_server_connections{${order}}`]: '40x40',
      [`postgresql_server_connections_max{${order}}`]: '100x40',
    },
  },
];

export const symptoms: Group = {
  name: 'bulkhead-symptoms',
  rules: [...orders, ...messages, ...processes, ...databases],
};
