import { createSlots } from '@bulkhead/durable/slots';
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

/** Room for one saga. It is taken before the saga is leased: a lease that nobody works under holds the order up. */
export interface LivePlace {
  /**
   * Begins to run a saga and waits until it is `enough`, rests, or `waitMs` have passed. Never throws: what came of it
   * stands in the database. The place is given back once the saga rests.
   */
  runAndWait(saga: Saga, waiting: Waiting): Promise<void>;
  /** Gives the place back: there is no saga for it. */
  leave(): void;
}

/**
 * Runs the sagas of live requests. A saga is detached from its request: when the request stops waiting, or is gone, the
 * saga goes on.
 */
export function createLiveSagas({ runner, clock, logger, max }: LiveSagasDependencies) {
  const slots = createSlots(() => max);
  const running = new Set<Promise<unknown>>();

  async function runAndWait(saga: Saga, { enough, waitMs, onEnd }: Waiting): Promise<void> {
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
          slots.give();
          resolve();
        });
      running.add(run);
    });
    const timeIsUp = clock.sleep(Math.max(0, waitMs), waited.signal).catch(() => undefined);
    await Promise.race([isEnough, timeIsUp]);
    waited.abort();
  }

  return {
    /** @returns undefined where there is no room: recovery goes on with the saga then */
    enter(): LivePlace | undefined {
      return slots.take(1) === 0 ? undefined : { runAndWait, leave: () => slots.give() };
    },

    /** Waits for what is running, at most `graceMs`. */
    drain: (graceMs: number): Promise<void> => settled(running, graceMs, clock),
  };
}

export type LiveSagas = ReturnType<typeof createLiveSagas>;
