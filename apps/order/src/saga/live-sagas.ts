import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Runner, RunResult } from './runner';
import type { Saga } from './saga';
import { settled } from './settled';

export interface LiveSagasDependencies {
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sagas at once; further ones are left to recovery. */
  readonly max: number;
}

export interface Waiting {
  /** Need the caller wait no longer? Asked after each transition. */
  readonly enough: (saga: Saga) => boolean;
  readonly waitMs: number;
  /** Told how the run ended, also after the wait; undefined when it broke off. */
  readonly onEnd?: (result: RunResult | undefined) => void;
}

/**
 * Runs the sagas of live requests. A saga is detached from its request: when the request stops waiting, or is gone, the
 * saga goes on.
 */
export function createLiveSagas({ runner, clock, logger, max }: LiveSagasDependencies) {
  const running = new Set<Promise<unknown>>();
  return {
    hasRoom: () => running.size < max,

    /**
     * Begins to run a saga and waits until it is `enough`, rests, or `waitMs` have passed. Never throws: what came of it
     * stands in the database.
     */
    async runAndWait(saga: Saga, { enough, waitMs, onEnd }: Waiting): Promise<void> {
      const waited = new AbortController();
      const isEnough = new Promise<void>((resolve) => {
        const run = runner
          .run(saga, { probe: false, onMove: (moved) => enough(moved) && resolve() })
          .then(onEnd, (error: unknown) => {
            logger.warn({ orderId: saga.id, error }, 'saga broke off; recovery goes on');
            onEnd?.(undefined);
          })
          .finally(() => {
            running.delete(run);
            resolve();
          });
        running.add(run);
      });
      const timeIsUp = clock.sleep(Math.max(0, waitMs), waited.signal).catch(() => undefined);
      await Promise.race([isEnough, timeIsUp]);
      waited.abort();
    },

    /** Waits for what is running, at most `graceMs`. */
    drain: (graceMs: number): Promise<void> => settled(running, graceMs, clock),
  };
}

export type LiveSagas = ReturnType<typeof createLiveSagas>;
