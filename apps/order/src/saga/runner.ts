import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { BreakerOpen, BulkheadFull, DeadlineExceeded, retryAfterMsOf } from '@bulkhead/resilience/errors';
import { PeerProblem, PeerUnavailable } from '@bulkhead/service/errors';
import type { Logger } from '@bulkhead/telemetry/logger';
import { type ActiveSpan, isSampled, type Tracing } from '@bulkhead/telemetry/trace';
import type { Moving } from './moving';
import type { Saga } from './saga';
import type { SagaMetrics } from './saga-metrics';
import type { StepOutcome } from './step-outcome';
import type { Pausing, SagaStore } from './saga-store';
import { isWorking, type State, type WorkingState } from './states';
import type { Outcome, Steps } from './steps';

export interface RunnerDependencies {
  readonly database: Database;
  readonly store: SagaStore;
  readonly moving: Moving;
  readonly steps: Steps;
  readonly metrics: SagaMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly shutdown: AbortSignal;
  readonly leaseMs: (state: State) => number;
  /** Minimum and maximum delay between attempts at a step. */
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  /** A saga that stays in one state for longer needs an operator. */
  readonly giveUpAfterMs: number;
}

export interface RunOptions {
  /** Whether its calls may probe a failing payment service. Never while a buyer waits. */
  readonly probe: boolean;
  readonly onMove?: ((saga: Saga) => void) | undefined;
}

/**
 * 'ended': nothing is left to do. 'waits': a peer has to decide. 'waits-for-buyer': the buyer has to act. 'failed': its
 * step failed. 'lost': another runner has it.
 */
export type RunResult = {
  readonly saga: Saga;
  readonly kind: 'ended' | 'waits' | 'waits-for-buyer' | 'failed' | 'lost';
};

/**
 * Runs a saga step by step until it ends, has to wait, or is taken over. Holds no lock: the lease excludes other
 * runners for as long as a step may take, and should two run one order anyway, every transition is a compare-and-set
 * and every step is idempotent.
 */
export function createRunner(dependencies: RunnerDependencies) {
  const { database, store, moving, steps, metrics, clock, shutdown, leaseMs } = dependencies;

  async function run(claimed: Saga, { probe, onMove }: RunOptions): Promise<RunResult> {
    const owner = claimed.leaseOwner;
    if (owner === undefined) throw new Error('a saga is run only under a lease');
    let saga = claimed;
    while (isWorking(saga.state)) {
      if (shutdown.aborted) return handOver(saga, owner);
      const outcome = await attempt(saga, probe);
      if (outcome.kind === 'failed' || outcome.kind === 'wait') return rest(saga, owner, outcome);
      const lease = { owner, ms: leaseMs(outcome.move.to) };
      const moved = await moving.submit({ saga, move: outcome.move, lease });
      if (moved) {
        metrics.moved(saga, moved.state);
        onMove?.(moved);
        saga = moved;
        continue;
      }
      const present = await store.read(database, saga.id);
      if (!present || present.leaseOwner !== owner) return { saga: present ?? saga, kind: 'lost' };
      saga = present;
    }
    return { saga, kind: 'ended' };
  }

  const attempt = (saga: Saga, probe: boolean): Promise<Outcome | Failure> => {
    const attributes = { 'order.id': saga.id, 'saga.step': saga.state, 'bulkhead.attempt': saga.attempt };
    return dependencies.tracing.span(`step ${saga.state}`, { kind: 'internal', attributes }, (span) =>
      attemptWithin(span, saga, probe),
    );
  };

  async function attemptWithin(span: ActiveSpan, saga: Saga, probe: boolean): Promise<Outcome | Failure> {
    const step = saga.state as WorkingState;
    const startedAt = clock.monotonic();
    const done = (outcome: StepOutcome) => {
      span.setAttribute('saga.outcome', outcome);
      metrics.step(step, outcome, (clock.monotonic() - startedAt) / 1000, span.exemplar());
    };
    try {
      const outcome = await steps[step](saga, { probe });
      done(outcome.kind === 'move' ? 'done' : 'waits');
      return outcome;
    } catch (error) {
      const outcome = outcomeOf(error);
      span.recordError(error);
      done(outcome);
      dependencies.logger.warn(
        { orderId: saga.id, step, attempt: saga.attempt, outcome, error },
        'saga step failed',
      );
      return { kind: 'failed', retryAfterMs: outcome === 'refused' ? retryAfterMsOf(error) : undefined };
    }
  }

  async function rest(
    saga: Saga,
    owner: string,
    outcome: Failure | Extract<Outcome, { kind: 'wait' }>,
  ): Promise<RunResult> {
    const { overdue } = await store.pause(database, saga, owner, pausingAfter(saga, outcome));
    if (!overdue) return { saga, kind: kindOf(outcome) };
    const given = await moving.submit({ saga, move: { to: 'needs_attention', reason: 'gave-up' } });
    if (given) {
      metrics.moved(saga, 'needs_attention');
      dependencies.logger.error({ orderId: saga.id, state: saga.state }, 'saga needs attention');
    }
    return { saga: given ?? saga, kind: 'failed' };
  }

  /** Exponential backoff; if the peer was not called, until calls are allowed again, with some jitter. */
  function pausingAfter(saga: Saga, outcome: Failure | Extract<Outcome, { kind: 'wait' }>): Pausing {
    const { backoff, giveUpAfterMs, random } = dependencies;
    if (outcome.kind === 'failed' && outcome.retryAfterMs !== undefined) {
      const ms = Math.min(backoff.maxMs, outcome.retryAfterMs * (1 + random()));
      return { ms, giveUpAfterMs, untried: true };
    }
    const ceiling = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(Math.max(saga.attempt, 1) - 1, 30));
    const ms = ceiling * (0.5 + random() / 2);
    if (outcome.kind === 'failed') return { ms, giveUpAfterMs };
    const { nextActionUrl, patient } = outcome;
    return { ms, giveUpAfterMs: patient ? giveUpAfterMs * patience : giveUpAfterMs, nextActionUrl };
  }

  /** On shutdown: the next runner continues immediately instead of after the lease. */
  async function handOver(saga: Saga, owner: string): Promise<RunResult> {
    await store.pause(database, saga, owner, {
      ms: 0,
      giveUpAfterMs: dependencies.giveUpAfterMs,
      untried: true,
    });
    return { saga, kind: 'waits' };
  }

  return {
    /** @throws DatabaseUnavailable; the lease then expires, and recovery continues */
    run: (saga: Saga, options: RunOptions): Promise<RunResult> =>
      dependencies.tracing.span(
        'order.saga',
        { kind: 'internal', attributes: { 'order.id': saga.id, 'saga.state': saga.state }, ...linkTo(saga) },
        () => run(saga, options),
      ),
  };

  /** A late step is a trace of its own, linked to the order's. */
  function linkTo(saga: Saga) {
    if (dependencies.tracing.current()) return {};
    const placed = dependencies.tracing.fromTraceparent(saga.traceparent);
    return placed ? { links: [placed], alwaysSample: isSampled(placed) } : {};
  }
}

export type Runner = ReturnType<typeof createRunner>;

interface Failure {
  readonly kind: 'failed';
  /** Set if the peer was not called: when it may be. */
  readonly retryAfterMs: number | undefined;
}

function kindOf(outcome: Failure | Extract<Outcome, { kind: 'wait' }>): RunResult['kind'] {
  if (outcome.kind === 'failed') return 'failed';
  return outcome.nextActionUrl === undefined ? 'waits' : 'waits-for-buyer';
}

function outcomeOf(error: unknown): StepOutcome {
  if (error instanceof BreakerOpen || error instanceof BulkheadFull) return 'refused';
  if (error instanceof PeerUnavailable) return error.outcome;
  if (error instanceof PeerProblem) return 'problem';
  return error instanceof DeadlineExceeded ? 'unknown' : 'problem';
}

/**
 * How much longer than usual a saga waits while a peer is working on it: 15 days, for a refund, which may take banks
 * 14.
 */
const patience = 15;
