import { capped, type Metrics } from './metrics';
import { withinScrape } from './within-scrape';

const handledOutcomes = ['done', 'duplicate', 'ignored', 'retry', 'dead', 'pause', 'abandoned'] as const;
const publishedOutcomes = ['confirmed', 'failed', 'unavailable', 'parked'] as const;

/** Whether a connection to the broker is usable in that state. */
const isUsable = {
  up: true,
  unblocked: true,
  recovered: true,
  down: false,
  blocked: false,
  stalled: false,
} as const;

/** Observes the relay and the consumers; compatible with the observer of `libs/messaging`. */
export interface MessagingMetrics {
  published(event: { type: string; outcome: (typeof publishedOutcomes)[number] }): void;
  handled(event: {
    group: string;
    type: string;
    outcome: (typeof handledOutcomes)[number];
    durationMs: number;
    lagMs?: number;
  }): void;
  retried(event: { group: string; attempt: number }): void;
  dead(event: { group: string }): void;
  dropped(event: { group: string }): void;
  paused(event: { group: string; dependency: string }): void;
  resumed(event: { group: string; dependency: string; pausedMs: number }): void;
  connection(event: { name: string; state: keyof typeof isUsable }): void;
  trouble(event: { where: string }): void;
}

/** Current state of the outbox; ages in ms. */
export interface OutboxState {
  readonly unsent: number;
  readonly oldestAgeMs: number;
  readonly parked: number;
}

export interface MessagingMetricsOptions {
  /** Called at each scrape, with a timeout of 1 s; if it fails, the gauges are omitted. */
  readonly outbox?: () => Promise<OutboxState>;
  /** Called in the same way: depth of the service's own queues. */
  readonly queues?: () => Promise<readonly QueueState[]>;
  /** The service's own groups, which are exposed from the start. */
  readonly groups?: readonly string[];
}

/** Current state of a group's queue. */
export interface QueueState {
  readonly group: string;
  /** Messages to be handled now or after a delay. */
  readonly waiting: number;
  readonly dead: number;
}

const lagBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1_800, 7_200];

export function createMessagingMetrics(
  metrics: Metrics,
  { outbox, queues, groups = [] }: MessagingMetricsOptions = {},
): MessagingMetrics {
  const published = metrics.counter({
    name: 'messaging_published_total',
    help: 'Attempts to send an outbox row, by event type and outcome.',
    labels: { type: capped(100), outcome: publishedOutcomes },
  });
  const handled = metrics.histogram({
    name: 'messaging_handle_duration_seconds',
    help: 'Duration of handling one delivery, by group, event type and outcome.',
    labels: { group: capped(64), type: capped(100), outcome: handledOutcomes },
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
  });
  const lag = metrics.histogram({
    name: 'messaging_lag_seconds',
    help: 'From the time of the event to the end of its handling.',
    labels: { group: capped(64) },
    buckets: lagBuckets,
  });
  const retries = metrics.counter({
    name: 'messaging_retries_total',
    help: 'Deliveries postponed to a later attempt.',
    labels: { group: capped(64) },
  });
  const dead = metrics.counter({
    name: 'messaging_dead_letters_total',
    help: 'Deliveries given up on.',
    labels: { group: capped(64) },
  });
  const dropped = metrics.counter({
    name: 'messaging_dropped_total',
    help: 'Messages whose dead letter could not be stored; a broker may have dead-lettered them itself, without the reason.',
    labels: { group: capped(64) },
  });
  const paused = metrics.gauge({
    name: 'messaging_consumer_paused',
    help: '1 while a group waits for something it depends on.',
    labels: { group: capped(64), dependency: capped(32) },
  });
  const connected = metrics.gauge({
    name: 'messaging_connection_up',
    help: '1 while the connection to the broker is up and usable: not blocked, messages are confirmed, queues can be consumed.',
    labels: { connection: capped(16) },
  });
  const troubles = metrics.counter({
    name: 'messaging_troubles_total',
    help: 'Failures that are tried again by themselves.',
    labels: { where: capped(32) },
  });
  for (const group of groups) {
    lag.declare({ group });
    retries.declare({ group });
    dead.declare({ group });
    dropped.declare({ group });
    paused.set({ group, dependency: 'database' }, 0);
  }
  if (outbox) showOutbox(metrics, outbox);
  if (queues) showQueues(metrics, queues);

  return {
    published: ({ type, outcome }) => published.add({ type, outcome }),
    handled({ group, type, outcome, durationMs, lagMs }) {
      handled.observe({ group, type, outcome }, durationMs / 1_000);
      if (lagMs !== undefined && outcome === 'done') lag.observe({ group }, Math.max(0, lagMs) / 1_000);
    },
    retried: ({ group }) => retries.add({ group }),
    dead: ({ group }) => dead.add({ group }),
    dropped: ({ group }) => dropped.add({ group }),
    paused: ({ group, dependency }) => paused.set({ group, dependency }, 1),
    resumed: ({ group, dependency }) => paused.set({ group, dependency }, 0),
    connection: ({ name, state }) => connected.set({ connection: name }, isUsable[state] ? 1 : 0),
    trouble: ({ where }) => troubles.add({ where }),
  };
}

function showOutbox(metrics: Metrics, outbox: () => Promise<OutboxState>): void {
  const rows = metrics.gauge({
    name: 'messaging_outbox_rows',
    help: 'Rows of the outbox that are unsent, and those that are parked.',
    labels: { state: ['unsent', 'parked'] },
  });
  const age = metrics.gauge({
    name: 'messaging_outbox_oldest_age_seconds',
    help: 'Age of the oldest unsent row.',
    // One gauge collects all three: they come from the same statement.
    async collect() {
      const state = await withinScrape(outbox);
      // NaN, which no alert mistakes for zero.
      rows.set({ state: 'unsent' }, state?.unsent ?? Number.NaN);
      rows.set({ state: 'parked' }, state?.parked ?? Number.NaN);
      age.set({}, state ? state.oldestAgeMs / 1_000 : Number.NaN);
    },
  });
}

function showQueues(metrics: Metrics, queues: () => Promise<readonly QueueState[]>): void {
  const dead = metrics.gauge({
    name: 'messaging_dead_letters_waiting',
    help: 'Dead letters that have not been redriven or dropped, by group. Every replica of a service reports the same.',
    labels: { group: capped(64) },
  });
  metrics.gauge({
    name: 'messaging_queue_messages',
    help: 'Messages in the queue of a group, except delayed retries on a broker. Every replica reports the same.',
    labels: { group: capped(64) },
    async collect(gauge) {
      for (const state of (await withinScrape(queues)) ?? []) {
        gauge.set({ group: state.group }, state.waiting);
        dead.set({ group: state.group }, state.dead);
      }
    },
  });
}
