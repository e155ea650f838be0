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
  /** Maximum number of concurrent sagas; further ones are left to recovery. */
  readonly max: number;
}

export interface Waiting {
  /** Whether the caller can stop waiting. Called after each transition. */
  readonly enough: (saga: Saga) => boolean;
  readonly waitMs: number;
  /** Called with the outcome of the run, also after the wait; undefined if it was aborted. */
  readonly onEnd?: (result: RunResult | undefined) => void;
}

/** A slot for one saga. It is taken before the saga is leased: a lease without a runner delays the order. */
export interface LivePlace {
  /**
   * Starts a saga and waits until `enough` is true, the saga rests, or `waitMs` have passed. Never throws: the outcome
   * is in the database. The slot is released once the saga rests.
   */
  runAndWait(saga: Saga, waiting: Waiting): Promise<void>;
  /** Releases the slot: there is no saga for it. */
  leave(): void;
}

/**
 * Runs the sagas of live requests. A saga is detached from its request: when the request stops waiting, or is
 * cancelled, the saga continues.
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
    /** @returns undefined if no slot is free: recovery continues the saga then */
    enter(): LivePlace | undefined {
      return slots.take(1) === 0 ? undefined : { runAndWait, leave: () => slots.give() };
    },

    /** Waits for running sagas, at most `graceMs`. */
    drain: (graceMs: number): Promise<void> => settled(running, graceMs, clock),
  };
}

export type LiveSagas = ReturnType<typeof createLiveSagas>;
