import type { OrderTransaction } from '../database';
import type { Saga } from '../saga/saga';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import { isForward } from '../saga/states';

export interface ForgetBuyerDependencies {
  readonly store: SagaStore;
  readonly metrics: SagaMetrics;
}

/**
 * Removes a buyer from all orders, and cancels orders on the way to `confirmed`. Purchases and payments are kept for
 * accounting. Afterwards no row leads to the person. Idempotent.
 */
export async function forgetBuyer(
  { store, metrics }: ForgetBuyerDependencies,
  tx: OrderTransaction,
  userId: string,
): Promise<void> {
  await tx.prisma.erasedUser.createMany({ data: { userId }, skipDuplicates: true });
  for (const saga of await store.forgetBuyer(tx, userId)) {
    if (!wouldBeConfirmed(saga)) continue;
    const moved = await store.move(tx, saga, { to: 'cancelling', ending: 'cancelled', reason: 'erasure' });
    if (!moved) throw new Error(`order ${saga.id} moved on while it was locked`);
    tx.afterCommit(() => metrics.moved(saga, moved.state));
  }
  await tx.prisma.idempotencyKey.deleteMany({ where: { userId } });
}

/** Without this, an order that needs an operator would be resumed later, and take the money. */
const wouldBeConfirmed = ({ state, attentionFrom }: Saga): boolean =>
  isForward(state) ||
  (state === 'needs_attention' && attentionFrom !== undefined && isForward(attentionFrom));
