import type { Database } from '@bulkhead/database/database';
import type { Clock, Timer } from '@bulkhead/resilience/clock';
import type { Ids } from '@bulkhead/service/ids';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Runner } from './runner';
import { settled } from './settled';
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
  const running = new Set<Promise<void>>();
  /** Sagas that news came for. Their next step mostly succeeds, so they do not wait for those whose steps fail. */
  const nudged = new Set<Promise<void>>();
  const timers = new Set<Timer>();
  let places = 1;

  async function topUp(): Promise<number> {
    const free = Math.floor(places) - running.size;
    if (free < 1) return 0;
    const sagas = await store.claim(database, ids.next(), free);
    for (const saga of sagas) {
      const work: Promise<void> = runner
        .run(saga, { probe: true })
        .then(({ kind }) => {
          if (kind === 'ended') places = Math.min(maxConcurrent, places + 1);
          else if (kind === 'failed') places = Math.max(1, places / 2);
        })
        .catch((error: unknown) => {
          places = 1;
          logger.warn({ orderId: saga.id, error }, 'recovery of an order failed');
        })
        .finally(() => {
          running.delete(work);
        });
      running.add(work);
    }
    return sagas.length;
  }

  async function goOn(orderId: string): Promise<void> {
    if (nudged.size >= maxConcurrent) return;
    const [saga] = await store.claim(database, ids.next(), 1, orderId);
    if (saga) await runner.run(saga, { probe: true });
  }

  function nudge(orderId: string): void {
    const work: Promise<void> = goOn(orderId)
      .catch((error: unknown) => logger.warn({ orderId, error }, 'recovery of an order failed'))
      .finally(() => nudged.delete(work));
    nudged.add(work);
  }

  const job: Job = {
    name: 'recover-orders',
    everyMs: dependencies.everyMs,
    async run(signal) {
      // A place that becomes free is given away at once, not at the next tick; bounded, so that ticks go on.
      for (let round = 0; round < 100 && !signal.aborted; round++) {
        if ((await topUp()) === 0) return;
        await anyEnds(running, signal);
      }
    },
  };

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
      return settled([...running, ...nudged], graceMs, clock);
    },
  };
}

/** Until one of `work` has ended or the signal aborts. */
async function anyEnds(work: Iterable<Promise<void>>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop);
  await Promise.race([...work, aborted]);
  signal.removeEventListener('abort', stop);
}

export type Recovery = ReturnType<typeof createRecovery>;
