import { randomUUID } from 'node:crypto';
import { buy, plentifulProduct, register, type ShopClient } from '@bulkhead/app/acceptance/src/client';
import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { anyDelivery, knownDeliveries, type RawDelivery } from '@bulkhead/messaging/conformance/any-delivery';
import { eventually } from '@bulkhead/testing/eventually';
import fc from 'fast-check';

/** The shop's queues, for a client that may publish to them. */
export interface Queues {
  /** @returns how many of the messages were accepted */
  put(subscription: SubscriptionDefinition, deliveries: readonly RawDelivery[]): Promise<number>;
  /** Dead letters of a group. */
  dead(subscription: SubscriptionDefinition): Promise<number>;
  /** Drops the dead letters of a group. */
  clear(subscription: SubscriptionDefinition): Promise<void>;
}

interface Options {
  readonly client: () => ShopClient;
  readonly queues: () => Queues;
  readonly metrics: () => Promise<string>;
}

/** Unreadable messages; of those that once stopped a group, more than it handles concurrently. */
const garbage = (seed: number): RawDelivery[] => [
  ...Array<RawDelivery>(6).fill(knownDeliveries[0]!),
  ...knownDeliveries,
  ...fc.sample(anyDelivery, { numRuns: 15, seed }),
];

/** Every consumer of the shop, with its production code. */
export function describeGarbage({ client, queues, metrics }: Options): void {
  describe('whatever comes into its queue', () => {
    const seed = Date.now() % 1_000_000;

    it.each(Object.values<SubscriptionDefinition>(subscriptions).map((each) => [each.group, each] as const))(
      `%s makes a dead letter of it and goes on (seed ${seed})`,
      async (_group, subscription) => {
        const before = await queues().dead(subscription);
        const taken = await queues().put(subscription, garbage(seed));
        expect(taken).toBeGreaterThan(10);
        await eventually(async () => expect(await queues().dead(subscription)).toBe(before + taken), {
          timeoutMs: 20_000,
        });
        await queues().clear(subscription);
      },
      30_000,
    );

    it('nothing was dropped, nor tried to be settled twice, and people are told of their orders', async () => {
      const { productId } = await plentifulProduct(client());
      const ada = await register(client());
      const { id } = (await buy(client(), ada, { productId, key: randomUUID() })).body as { id: string };
      await eventually(async () => {
        const response = await client().call('/api/v1/notifications', { token: ada.token });
        const { items } = response.body as { items: { orderId: string }[] };
        expect(items.map(({ orderId }) => orderId)).toContain(id);
      });
      const counted = await metrics();
      expect(counted).toMatch(/^messaging_dropped_total\{/m);
      expect(counted.match(/^messaging_dropped_total\{.*\} [1-9]/gm)).toBeNull();
      // A message that cannot be settled is retried after a pause, in which the group does nothing else.
      expect(counted.match(/^messaging_troubles_total\{[^}]*"settling .*/gm)).toBeNull();
    }, 30_000);
  });
}
