import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { paymentInternal, PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { PeerProblem } from '@bulkhead/service/errors';
import type { CallOptions, Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Move, Saga } from './saga';
import type { State, WorkingState } from './states';

/** The outcome of a step. */
export type Outcome =
  | { readonly kind: 'move'; readonly move: Move }
  /** The peer has not decided yet; an event will arrive, or the next attempt finds out. */
  | {
      readonly kind: 'wait';
      readonly nextActionUrl?: string | undefined;
      /** The peer is working on it and may take days, as banks do. */
      readonly patient?: boolean;
    };

export interface StepDependencies {
  readonly inventory: Client<typeof inventoryInternal>;
  readonly payment: Client<typeof paymentInternal>;
  /** Receives the outcome of each order's first call. */
  readonly inventoryWatch: { seen(error?: unknown): void };
  readonly clock: Clock;
  readonly timeouts: { readonly authoriseMs: number; readonly otherMs: number };
  /** Seconds that inventory keeps a reservation without hearing from its order again. */
  readonly reservationTtlSeconds: number;
}

/**
 * The step of each state. Every step is idempotent: peers recognise it by the order's id. A step that throws has an
 * unknown outcome and is repeated.
 */
export function createSteps(dependencies: StepDependencies) {
  const { inventory, payment, inventoryWatch, clock, timeouts, reservationTtlSeconds } = dependencies;

  /** Detached from any request: its own deadline, no user's token; the order's id identifies it in all logs. */
  const context = (saga: Saga, timeoutMs = timeouts.otherMs): CallContext => ({
    requestId: saga.id,
    deadline: deadlineAfter(clock, timeoutMs),
  });
  const params = (saga: Saga) => ({ params: { orderId: saga.id } });

  const release = (saga: Saga) => inventory.release(params(saga), context(saga));

  const steps: Record<WorkingState, (saga: Saga, options: CallOptions) => Promise<Outcome>> = {
    async placed(saga) {
      const body = { lines: [...saga.lines], ttlSeconds: reservationTtlSeconds };
      try {
        const { body: reservation } = await inventory.reserve({ ...params(saga), body }, context(saga));
        inventoryWatch.seen();
        return reservation.state === 'held' || reservation.state === 'committed' ? go('reserved') : tooLate;
      } catch (error) {
        inventoryWatch.seen(error);
        if (!isProblem(error, 'out-of-stock')) throw error;
        const lackingSkus = skusOf(error);
        // An earlier attempt without a response may still be in flight: releasing makes it reserve nothing. (A retry
        // within one call is not visible here; what it might leave, inventory frees when the reservation expires.)
        return saga.attempt === 1
          ? { kind: 'move', move: { to: 'rejected', reason: 'out-of-stock', lackingSkus } }
          : compensate('rejected', 'out-of-stock', lackingSkus);
      }
    },

    async reserved(saga, options) {
      const { body } = await payment.authorise(
        {
          ...params(saga),
          body: { userId: saga.userId, amount: saga.total, paymentMethod: saga.paymentMethod ?? '' },
        },
        context(saga, timeouts.authoriseMs),
        options,
      );
      switch (body.status) {
        case 'authorised':
        case 'capturing':
        case 'captured':
          return go('authorised');
        case 'declined':
        case 'failed':
          return compensate('rejected', 'payment-declined');
        case 'requires_action':
          return { kind: 'wait', nextActionUrl: body.nextAction?.url };
        case 'authorising':
        case 'unknown':
          return { kind: 'wait' };
        default:
          // Voided or refunded by another party: nothing can be charged any more.
          return compensate('rejected', 'payment-declined');
      }
    },

    async authorised(saga) {
      try {
        await inventory.commit(params(saga), context(saga));
        return go('committed');
      } catch (error) {
        return isProblem(error, 'conflict') || isProblem(error, 'not-found') ? tooLate : rethrow(error);
      }
    },

    async committed(saga, options) {
      const status = await statusAfter(() => payment.capture(params(saga), context(saga), options));
      switch (status) {
        case 'captured':
        case 'partially_refunded':
        case 'refunding':
        case 'refunded':
          return go('confirmed');
        case 'voided':
        case 'voiding':
        case 'declined':
        case 'failed':
          return compensate('rejected', 'payment-declined');
        default:
          return { kind: 'wait' };
      }
    },

    async cancelling(saga, options) {
      const [status] = await both(
        saga.paymentBegun
          ? statusAfter(() => payment.void(params(saga), context(saga), options))
          : Promise.resolve('voided' as const),
        release(saga),
      );
      switch (status) {
        case 'voided':
        case 'declined':
        case 'failed':
          return go(saga.ending ?? 'cancelled', saga.endingReason);
        case 'captured':
        case 'partially_refunded':
        case 'refunding':
        case 'refunded':
          return go('refunding', saga.endingReason);
        default:
          return { kind: 'wait' };
      }
    },

    async refunding(saga, options) {
      const [{ status, refused }] = await both(
        // Each decision to refund is a transition to this state: a failed one is only repeated after another decision.
        answerTo(() =>
          payment.refund({ ...params(saga), query: { round: saga.version } }, context(saga), options),
        ),
        release(saga),
      );
      if (status === 'refunded') return go('refunded', saga.endingReason);
      const onItsWay = status !== undefined && betweenStatuses.has(status);
      return refused && !onItsWay ? go('needs_attention', 'refund-failed') : { kind: 'wait', patient: true };
    },
  };
  return steps;
}

export type Steps = ReturnType<typeof createSteps>;

const go = (to: State, reason?: string): Outcome => ({ kind: 'move', move: { to, reason } });

const compensate = (
  ending: NonNullable<Move['ending']>,
  reason?: string,
  lackingSkus?: readonly string[],
): Outcome => ({ kind: 'move', move: { to: 'cancelling', ending, reason, lackingSkus } });

/** The reservation has expired, and is never renewed: the promise was limited to that time. */
const tooLate = compensate('expired', 'reservation-expired');

const isProblem = (error: unknown, slug: PeerProblem['slug']): error is PeerProblem =>
  error instanceof PeerProblem && error.slug === slug;

const rethrow = (error: unknown): never => {
  throw error;
};

const skusOf = ({ problem }: PeerProblem): string[] => {
  const skus = problem?.['skus'];
  return Array.isArray(skus) ? skus.filter((sku) => typeof sku === 'string') : [];
};

/** The payment's status, from a success or from the conflict that names the obstacle. */
async function answerTo(
  call: () => Promise<{ readonly body: { readonly status: PaymentStatus } }>,
): Promise<{ readonly status: PaymentStatus | undefined; readonly refused: boolean }> {
  try {
    return { status: (await call()).body.status, refused: false };
  } catch (error) {
    if (!isProblem(error, 'conflict')) throw error;
    return { status: error.problem?.['paymentStatus'] as PaymentStatus | undefined, refused: true };
  }
}

const statusAfter = async (call: Parameters<typeof answerTo>[0]) => (await answerTo(call)).status;

const betweenStatuses: ReadonlySet<PaymentStatus> = new Set([
  'authorising',
  'unknown',
  'capturing',
  'voiding',
] as const);

/** Neither waits for the other: stock is released while payment is unavailable, and money while inventory is. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
