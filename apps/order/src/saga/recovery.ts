import type { Database } from '@bulkhead/database/database';
import { createRamp } from '@bulkhead/durable/ramp';
import { createSlots } from '@bulkhead/durable/slots';
import { createWorker } from '@bulkhead/durable/worker';
import type { Clock, Timer } from '@bulkhead/resilience/clock';
import type { Ids } from '@bulkhead/service/ids';
import { workerJob } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Runner } from './runner';
import { settled } from './settled';
import type { Saga } from './saga';
import type { SagaStore } from './saga-store';

export interface RecoveryDependencies {
  readonly database: Database;
  readonly store: SagaStore;
  readonly runner: Runner;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sagas it works on at once, at most. */
  readonly maxConcurrent: number;
  readonly everyMs: number;
}

/** Orders that go on after a moment; what is beyond, the job finds. */
const maxTimers = 1_000;

/**
 * Goes on with sagas whose step is overdue: after a crash, a failure, a pause, or news. Its places are its own, so that
 * a backlog takes nothing from buyers; and they are few while steps fail and grow by one with each saga that ends,
 * so that a payment service that comes back is not run over (additive increase, multiplicative decrease). These are the
 * calls that probe whether it is back. Sagas that news came for have as many places again.
 */
export function createRecovery(dependencies: RecoveryDependencies) {
  const { database, store, runner, ids, clock, logger, maxConcurrent } = dependencies;
  const timers = new Set<Timer>();
  const ramp = createRamp(maxConcurrent);
  const running = new Set<Promise<void>>();
  /** For sagas that news came for. Their next step mostly succeeds, so they do not wait for those whose steps fail. */
  const nudges = createSlots(() => maxConcurrent);

  async function goOn(saga: Saga): Promise<void> {
    try {
      const { kind } = await runner.run(saga, { probe: true });
      if (kind === 'ended') ramp.succeeded();
      else if (kind === 'failed') ramp.failed();
    } catch (error) {
      ramp.reset();
      throw error;
    }
  }

  const worker = createWorker<Saga>({
    name: 'recover-orders',
    slots: createSlots(ramp.limit),
    claim: (limit) => store.claim(database, ids.next(), limit),
    work: (saga) => tracked(goOn(saga)),
    pollMs: dependencies.everyMs,
    clock,
    logger,
  });

  async function goOnWith(orderId: string): Promise<void> {
    try {
      const [saga] = await store.claim(database, ids.next(), 1, orderId);
      if (saga) await runner.run(saga, { probe: true });
    } catch (error) {
      logger.warn({ orderId, error }, 'recovery of an order failed');
    } finally {
      nudges.give();
    }
  }

  function nudge(orderId: string): void {
    if (nudges.take(1) > 0) void tracked(goOnWith(orderId));
  }

  /** What a stop waits for. */
  function tracked(work: Promise<void>): Promise<void> {
    const tracking = work.finally(() => running.delete(tracking));
    running.add(tracking);
    return tracking;
  }

  const job = workerJob('recover-orders', worker, dependencies.everyMs);

  return {
    job,
    /** Goes on with an order after `inMs` if it is due then and a place is free; the job does it otherwise. */
    nudge(orderId: string, inMs = 0): void {
      if (inMs === 0) return nudge(orderId);
      if (timers.size >= maxTimers) return;
      const timer = clock.setTimer(() => {
        timers.delete(timer);
        nudge(orderId);
      }, inMs);
      timers.add(timer);
    },
    /** Waits for what is running, at most `graceMs`. What was to go on later is left to whoever comes after. */
    drain(graceMs: number): Promise<void> {
      for (const timer of timers) timer.cancel();
      timers.clear();
      return settled(running, graceMs, clock);
    },
  };
}

export type Recovery = ReturnType<typeof createRecovery>;
