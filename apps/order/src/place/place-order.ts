import type { productInternal } from '@bulkhead/contracts/product/api';
import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import { PeerProblem, problem } from '@bulkhead/service/errors';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';
import type { MicroBatcher } from '@bulkhead/service/micro-batcher';
import type { Tracing } from '@bulkhead/telemetry/trace';
import type { OrderReader } from '../orders/order-reader';
import type { LivePlace, LiveSagas } from '../saga/live-sagas';
import type { Saga } from '../saga/saga';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import { isFinal, type State } from '../saga/states';
import { responseFor } from './response';
import { fingerprintOf } from './fingerprint';
import { createKeys, inProgress, type KeyUse, type RecordedResponse } from './idempotency';
import type { PeerHealth } from './peer-health';
import { type OrderRequest, type PricedOrder, priceOrder, requireDistinctProducts } from './price';
import type { NewOrder } from './write-orders';

export interface PlaceOrderDependencies {
  readonly database: Database;
  /** Writes concurrent orders together. */
  readonly writing: MicroBatcher<NewOrder, boolean>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly metrics: Pick<SagaMetrics, 'placed'>;
  readonly product: Client<typeof productInternal>;
  readonly health: PeerHealth;
  readonly store: SagaStore;
  readonly live: LiveSagas;
  readonly orders: OrderReader;
  readonly leaseMs: (state: State) => number;
  /** Maximum time a buyer waits, in ms. */
  readonly budgetMs: number;
  /** How long a request may hold its key before it counts as abandoned, in ms. */
  readonly keyLeaseMs: number;
}

export interface PlaceOrderCommand {
  readonly userId: string;
  readonly key: string;
  readonly request: OrderRequest;
  /** The buyer does not want to wait for the payment. */
  readonly respondAsync: boolean;
  readonly context: CallContext;
}

const scope = 'POST /api/v1/orders';
/** Part of the caller's deadline that is reserved for responding. */
const responseMarginMs = 100;

/**
 * Places an order and waits for its outcome as long as the budget allows. The saga is detached from the request: it
 * continues whatever happens to the request.
 * @returns the response as stored for the key
 * @throws ProblemError for outcomes that are not stored: nothing was written then
 */
export function createPlaceOrder(dependencies: PlaceOrderDependencies) {
  const { database, clock, health, store, live, budgetMs, keyLeaseMs } = dependencies;
  const keys = createKeys(database, keyLeaseMs);

  /** Keys of requests in progress in this process: a repetition is recognised without a look-up. */
  const running = new Set<string>();

  return async function once(command: PlaceOrderCommand): Promise<RecordedResponse> {
    const name = `${command.userId} ${command.key}`;
    if (running.has(name)) throw inProgress();
    running.add(name);
    try {
      return await place(command);
    } finally {
      running.delete(name);
    }
  };

  async function place(command: PlaceOrderCommand): Promise<RecordedResponse> {
    const { request, context, userId, key } = command;
    const respondBy =
      clock.monotonic() + Math.min(budgetMs, context.deadline.remainingMs() - responseMarginMs);
    const use: KeyUse = { userId, scope, key, fingerprint: fingerprintOf(request) };

    requireDistinctProducts(request);
    const known = await recall(use, command, respondBy);
    if (known) return known;
    health.requireInventory();
    const priced = priceOrder(request, await quote(request, context, respondBy));
    const taken = await withPlace((leased) => write(use, command, priced, leased));
    if (!taken) return afterAnother(use, command, respondBy);
    return finish(taken, use, command, respondBy);
  }

  /** Takes a slot, then the saga to run in it; without a saga the slot is released. */
  async function withPlace(take: (leased: boolean) => Promise<Saga | undefined>) {
    const place = live.enter();
    let saga: Saga | undefined;
    try {
      saga = await take(place !== undefined);
    } finally {
      if (!saga) place?.leave();
    }
    return saga && { saga, place };
  }

  /** The response for a key that was used before. */
  async function recall(use: KeyUse, command: PlaceOrderCommand, respondBy: number) {
    const state = await keys.lookUp(use);
    if (state.kind === 'answered') return state.answer;
    if (state.kind === 'new') return undefined;
    const { orderId } = state;
    const taken = await withPlace(async (leased) =>
      leased ? (await store.claim(database, dependencies.ids.next(), 1, orderId))[0] : undefined,
    );
    return taken ? finish(taken, use, command, respondBy) : answer(orderId, use, command);
  }

  /** Nothing was written: another request was first with the key, or the person was erased. */
  async function afterAnother(use: KeyUse, command: PlaceOrderCommand, respondBy: number) {
    // Part of placing an order: the client prepares no statement.
    const { rows } = await database.query({
      name: 'order-user-erased',
      text: 'select from erased_user where user_id = $1',
      values: [use.userId],
    });
    if (rows.length > 0) throw problem('invalid-token', 'This account no longer exists.');
    const known = await recall(use, command, respondBy);
    if (!known) throw inProgress();
    return known;
  }

  async function quote({ items }: OrderRequest, context: CallContext, respondBy: number) {
    const deadline = context.deadline.shrink(respondBy - clock.monotonic());
    try {
      const body = { items: items.map(({ productId }) => ({ productId })) };
      return (await dependencies.product.quote({ body }, { ...context, deadline })).body;
    } catch (error) {
      const failing =
        error instanceof DeadlineExceeded || (error instanceof PeerProblem && error.status >= 500);
      if (!failing) throw error;
      throw problem('unavailable', {
        detail: 'Prices are unavailable at the moment. Nothing was ordered.',
        // Running out of time is a sign of overload, which immediate retries would increase.
        headers: { 'retry-after': error instanceof DeadlineExceeded ? '3' : '1' },
      });
    } finally {
      deadline.dispose();
    }
  }

  /**
   * @returns the saga, under a lease of this process if one is wanted, or undefined when another request has claimed
   *   the key
   */
  async function write(
    use: KeyUse,
    { request: { paymentMethod, shippingAddress }, context }: PlaceOrderCommand,
    { lines, total }: PricedOrder,
    leased: boolean,
  ): Promise<Saga | undefined> {
    const { ids, leaseMs, tracing, writing } = dependencies;
    const orderId = ids.next();
    const leaseOwner = ids.next();
    const traceparent = tracing.toTraceparent()?.traceparent;
    // Without a slot here, recovery may take it immediately.
    const lease = leased ? leaseMs('placed') : 0;
    const order = {
      use,
      orderId,
      lines,
      total,
      paymentMethod,
      leaseOwner,
      leaseMs: lease,
      traceparent,
      shippingAddress,
    };
    if (!(await writing.submit(order, context.deadline))) return undefined;
    dependencies.metrics.placed();
    return {
      id: orderId,
      userId: use.userId,
      buyerErased: false,
      state: 'placed',
      version: 1,
      total,
      lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
      paymentMethod,
      paymentBegun: false,
      ending: undefined,
      endingReason: undefined,
      attentionFrom: undefined,
      leaseOwner,
      attempt: 1,
      traceparent,
    };
  }

  /** Runs the saga and responds at its end, or as soon as the buyer need not or does not want to wait. */
  async function finish(
    { saga, place }: { readonly saga: Saga; readonly place: LivePlace | undefined },
    use: KeyUse,
    command: PlaceOrderCommand,
    respondBy: number,
  ) {
    if (place) {
      const leftMs = () => respondBy - clock.monotonic();
      const payment = health.watchPayment();
      const enough = (moved: Saga) => {
        if (moved.state !== 'reserved') return isFinal(moved.state);
        payment.begins();
        return command.respondAsync || health.waitingIsInVain(leftMs());
      };
      await place.runAndWait(saga, { enough, waitMs: leftMs(), onEnd: payment.ends });
    }
    return answer(saga.id, use, command);
  }

  async function answer(
    orderId: string,
    use: KeyUse,
    { context, respondAsync }: PlaceOrderCommand,
  ): Promise<RecordedResponse> {
    const row = await dependencies.orders.ofUser(use.userId, orderId);
    if (!row) throw problem('invalid-token', 'This account no longer exists.');
    return keys.recordOnce(use, orderId, responseFor(row, context.requestId, respondAsync));
  }
}

export type PlaceOrder = ReturnType<typeof createPlaceOrder>;
