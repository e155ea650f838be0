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
  /** Maximum number of concurrent sagas. */
  readonly maxConcurrent: number;
  readonly everyMs: number;
}

/** Maximum number of orders with a timer; the job finds the others. */
const maxTimers = 1_000;

/**
 * Continues overdue sagas: after a crash, a failure, a pause, or an event. It has slots of its own, so that a backlog
 * takes nothing from buyers. There are few while steps fail, and one more with each saga that ends, so that a
 * recovering payment service is not overwhelmed (additive increase, multiplicative decrease). These are the calls that
 * probe whether it is back. Sagas with a new event have the same number of additional slots.
 */
export function createRecovery(dependencies: RecoveryDependencies) {
  const { database, store, runner, ids, clock, logger, maxConcurrent } = dependencies;
  const timers = new Set<Timer>();
  const ramp = createRamp(maxConcurrent);
  const running = new Set<Promise<void>>();
  /** For sagas with a new event. Their next step usually succeeds, so they do not wait for those whose steps fail. */
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

  /** Runs that a stop waits for. */
  function tracked(work: Promise<void>): Promise<void> {
    const tracking = work.finally(() => running.delete(tracking));
    running.add(tracking);
    return tracking;
  }

  const job = workerJob('recover-orders', worker, dependencies.everyMs);

  return {
    job,
    /** Continues an order after `inMs` if it is due then and a slot is free; otherwise the job does it. */
    nudge(orderId: string, inMs = 0): void {
      if (inMs === 0) return nudge(orderId);
      if (timers.size >= maxTimers) return;
      const timer = clock.setTimer(() => {
        timers.delete(timer);
        nudge(orderId);
      }, inMs);
      timers.add(timer);
    },
    /** Waits for running sagas, at most `graceMs`. Sagas with a timer are left to other processes. */
    drain(graceMs: number): Promise<void> {
      for (const timer of timers) timer.cancel();
      timers.clear();
      return settled(running, graceMs, clock);
    },
  };
}

export type Recovery = ReturnType<typeof createRecovery>;
