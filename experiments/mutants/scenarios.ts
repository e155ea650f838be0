import { randomUUID } from 'node:crypto';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import { createNames } from '@bulkhead/messaging/rabbitmq/topology';
import { connect } from 'amqplib';
import { call, type Customer } from '../load/customers';
import type { Shop } from '../shop/shop';
import type { MutantName } from './mutants';

export interface Scenario {
  readonly mutant: Exclude<MutantName, 'none'>;
  /** The fault at the point where this mistake shows. */
  readonly fault: string;
  /** Invariants of which at least one has to be broken. */
  readonly killedBy: readonly string[];
  run(shop: Shop, buyer: Buyer): Promise<void>;
}

/** Somebody who buys, and goes on about it until the shop has taken the order. */
export interface Buyer {
  buy(times: number): Promise<void>;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const orders = 4;

export const scenarios: readonly Scenario[] = [
  {
    mutant: 'drop-outbox',
    fault: 'the broker is down while orders are confirmed',
    killedBy: ['endings-are-told-once'],
    async run(shop, buyer) {
      await shop.killBroker();
      await buyer.buy(orders);
      await shop.startBroker();
    },
  },
  {
    mutant: 'drop-inbox',
    fault: 'the confirms of published events are lost, so that events are published again',
    killedBy: ['endings-are-told-once'],
    async run(shop, buyer) {
      const durationMs = 2_000;
      const target = { kind: 'broker', name: 'order.publish' } as const;
      await shop.setFaults('order', [{ target, effect: { type: 'answer-lost' }, durationMs }]);
      await buyer.buy(orders);
      await sleep(durationMs);
    },
  },
  {
    mutant: 'ack-early',
    fault: 'notification is killed with events in hand',
    killedBy: ['events-reach-their-groups', 'endings-are-told-once'],
    async run(shop, buyer) {
      const target = { kind: 'broker', name: 'notification.consume' } as const;
      const latency = { distribution: 'fixed', ms: 20_000 } as const;
      await shop.setFaults('notification', [
        { target, effect: { type: 'latency', latency }, durationMs: 20_000 },
      ]);
      await buyer.buy(orders);
      await sleep(1_000);
      shop.signal('notification', 'SIGKILL');
      while (shop.placeOf('notification').pid !== undefined) await sleep(10);
      await shop.start('notification');
    },
  },
  {
    mutant: 'publish-without-mandatory',
    fault: 'the queue of a group is gone while events for it are sent',
    killedBy: ['events-reach-their-groups', 'endings-are-told-once'],
    async run(shop, buyer) {
      await shop.stopService('notification');
      await deleteQueue(shop.brokerUrl!, 'notification.orders');
      await buyer.buy(orders);
      await sleep(1_000);
      // The services' own users may not: queues are an administrator's.
      await declareTopology(shop.brokerUrl!, Object.values(subscriptions));
      await shop.start('notification');
    },
  },
  {
    mutant: 'capture-with-new-key',
    fault: 'the provider captures, and its answer is lost',
    killedBy: ['captured-once'],
    async run(shop, buyer) {
      const durationMs = 2_000;
      // A webhook would tell of the capture before it is asked for again.
      await shop.provider.control({ webhooks: { enabled: false } });
      const target = { kind: 'provider', name: 'simulated.capture' } as const;
      await shop.setFaults('payment', [{ target, effect: { type: 'answer-lost' }, durationMs }]);
      await buyer.buy(orders);
      await sleep(durationMs);
      await shop.provider.control({});
    },
  },
];

async function deleteQueue(url: string, group: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(createNames('bulkhead.').queue(group));
  await connection.close();
}

export function createBuyer(shop: Shop, { token }: Customer, productId: string): Buyer {
  const buyOne = async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const json = { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' };
    await call(shop.origin, '/api/v1/orders', { token, headers, json });
  };
  return {
    async buy(times) {
      for (let bought = 0; bought < times; bought++) await buyOne();
    },
  };
}
