import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { capped, durationBuckets, type Metrics } from '@bulkhead/telemetry/metrics';
import type { Saga } from './saga';
import { finalStates, isFinal, type State, transitions, type WorkingState, workingStates } from './states';
import { type StepOutcome, stepOutcomes } from './step-outcome';

const states = Object.keys(transitions) as State[];

// The client cannot calculate an age.
const openStates = {
  name: 'order-open-states',
  text: `select state, count(*)::int as count, extract(epoch from max(clock_timestamp() - changed_at))::float8 as age
    from orders where due_at is not null or state = 'needs_attention' group by state`,
};

/** The ids of orders are UUIDv7: their first 48 bits are the creation time in ms since 1970 (RFC 9562 §5.7). */
const placedAt = (orderId: string): number => Number.parseInt(orderId.slice(0, 8) + orderId.slice(9, 13), 16);

/** Metrics of the sagas. States and ages are read from the database at each scrape. */
export function createSagaMetrics(metrics: Metrics, database: Database, clock: Clock) {
  const moves = metrics.counter({
    name: 'order_transitions_total',
    help: 'Transitions of orders.',
    labels: { from: states, to: states },
  });
  const steps = metrics.histogram({
    name: 'order_saga_step_duration_seconds',
    help: 'Attempts at steps of the saga by the state they started from and how they ended.',
    labels: { step: workingStates, outcome: stepOutcomes },
    buckets: [...durationBuckets, 30],
  });
  const ignored = metrics.counter({
    name: 'order_events_ignored_total',
    help: 'Events that the state of the order did not wait for.',
    labels: { type: capped(10) },
  });
  const age = metrics.gauge({
    name: 'order_saga_oldest_age_seconds',
    help: 'Longest time that an order has been in an open state.',
    labels: { state: states },
  });
  metrics.gauge({
    name: 'order_sagas',
    help: 'Orders in open states.',
    labels: { state: states },
    async collect(gauge) {
      const { rows } = await database.query<{ state: State; count: number; age: number }>(openStates);
      for (const state of [...workingStates, 'needs_attention'] as const) {
        const row = rows.find((each) => each.state === state);
        gauge.set({ state }, row?.count ?? 0);
        age.set({ state }, Math.max(0, row?.age ?? 0));
      }
    },
  });

  const placed = metrics.counter({ name: 'order_placed_total', help: 'Orders that were written.' });
  const settled = metrics.histogram({
    name: 'order_settle_duration_seconds',
    help: 'From the time an order was placed to its first final state, by that state; their count is orders by outcome.',
    labels: { outcome: finalStates },
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
  });

  return {
    placed: () => placed.add({}),
    moved(saga: Pick<Saga, 'id' | 'state'>, to: State) {
      moves.add({ from: saga.state, to });
      // A refund leads from one final state to another: the order was already settled.
      if (!isFinal(to) || saga.state === 'refunding') return;
      settled.observe({ outcome: to }, Math.max(0, clock.now() - placedAt(saga.id)) / 1_000);
    },
    step: (step: WorkingState, outcome: StepOutcome, seconds: number, sampledTraceId?: string) =>
      steps.observe({ step, outcome }, seconds, sampledTraceId),
    ignored: (type: string) => ignored.add({ type }),
  };
}

export type SagaMetrics = ReturnType<typeof createSagaMetrics>;
