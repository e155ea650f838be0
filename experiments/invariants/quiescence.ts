import { eventsReachTheirGroups } from './checks/events-reach-their-groups';
import { noDeadLetters } from './checks/no-dead-letters';
import { isFinal } from '@bulkhead/app/order/src/saga/states';
import type { State } from '@bulkhead/app/order/src/saga/states';
import type { ShopView } from './shop-view';

export interface Quiescence {
  /** Whether nothing was on its way any more. */
  readonly reached: boolean;
  /** ms from the first look to the one that found nothing on its way, or to the last. */
  readonly afterMs: number;
  /** What still was on its way at the last look. */
  readonly waitingFor: readonly string[];
}

const everyMs = 200;

/**
 * Waits until the shop is at rest: every order at an end, no event, message, payment or mail on its way. A shop that
 * cannot be read yet, because its database or its broker just comes back, is not at rest.
 */
export async function waitForQuiescence(shop: ShopView, patienceMs: number): Promise<Quiescence> {
  const startedAt = Date.now();
  for (;;) {
    const waitingFor = await findUnsettled(shop).catch((error: Error) => [
      `cannot be read: ${error.message}`,
    ]);
    const afterMs = Date.now() - startedAt;
    if (waitingFor.length === 0) return { reached: true, afterMs, waitingFor };
    if (afterMs >= patienceMs) return { reached: false, afterMs, waitingFor };
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** What is on its way now, in words. The dear question, whether all events were handled, is asked last. */
async function findUnsettled(shop: ShopView): Promise<string[]> {
  const found = [...(await Promise.all(cheap.map((look) => look(shop)))).flat()];
  if (found.length > 0) return found;
  const { offences } = await eventsReachTheirGroups.check(shop);
  if (offences.length === 0) return [];
  // A dead letter will never be handled: waiting does not help, and the check will tell.
  const dead = new Set((await noDeadLetters.check(shop)).offences.map(({ subject }) => subject));
  const open = offences.filter(({ subject }) => !dead.has(subject));
  return open.length === 0 ? [] : [`${open.length} events not handled, as ${open[0]!.problem}`];
}

const cheap: readonly ((shop: ShopView) => Promise<string[]>)[] = [
  async (shop) => {
    const states = await shop.ask<{ state: State; count: number }>(
      'order',
      'select state, count(*)::int as count from orders group by state',
    );
    return states
      .filter(({ state }) => !isFinal(state) && state !== 'needs_attention')
      .map(({ state, count }) => `${count} orders ${state}`);
  },
  async (shop) => {
    const waiting = await Promise.all(
      shop.services.map(async (service) => {
        const [row] = await shop.ask<{ count: number }>(
          service,
          'select count(*)::int as count from outbox where sent_at is null and parked_at is null',
        );
        return { service, count: row!.count };
      }),
    );
    return waiting
      .filter(({ count }) => count > 0)
      .map(({ service, count }) => `${count} events unsent in ${service}`);
  },
  async (shop) =>
    (await shop.queues())
      .filter(({ messages }) => messages > 0)
      .map(({ queue, messages }) => `${messages} messages in ${queue}`),
  async (shop) => {
    const [row] = await shop.ask<{ count: number }>(
      'payment',
      'select count(*)::int as count from payments where due_at is not null and needs_attention_at is null',
    );
    return row!.count > 0 ? [`${row!.count} payments on their way`] : [];
  },
  async (shop) => {
    const [row] = await shop.ask<{ count: number }>(
      'notification',
      `select count(*)::int as count from mail where state in ('queued', 'sending')`,
    );
    return row!.count > 0 ? [`${row!.count} mails on their way`] : [];
  },
];
