import { randomBytes, randomUUID } from 'node:crypto';
import { buy, plentifulProduct, register, type ShopClient } from '@bulkhead/app/acceptance/src/client';
import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { orderConfirmed } from '@bulkhead/contracts/order/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { eventually } from '@bulkhead/testing/eventually';
import type { OtlpReceiver, ReceivedSpan } from '@bulkhead/testing/otlp-receiver';
import { flatten, label, serviceOf, type SpanNode, treeOf, waysTo } from './span-tree';

export interface OrderTraceOptions {
  readonly client: () => ShopClient;
  readonly receiver: () => OtlpReceiver;
  /** All metrics at the shop's admin ports. */
  readonly metrics: () => Promise<string>;
  /** The transport of its events. */
  readonly carrier: 'rabbitmq' | 'in_process';
}

const placing = 'POST /api/v1/orders';
/** Consumers of the order's final event are part of the trace as well. */
const hearConfirmed = Object.values<SubscriptionDefinition>(subscriptions)
  .filter(({ events }) => events.includes(orderConfirmed))
  .map(({ service }) => service);
const toOrder = [`gateway server: ${placing}`, `gateway client: ${placing}`, `order server: ${placing}`];
const toSaga = [...toOrder, 'order internal: order.saga'];
const stepTo = (step: string, peer: string, endpoint: string) => [
  ...toSaga,
  `order internal: step ${step}`,
  `order client: ${endpoint}`,
  `${peer} server: ${endpoint}`,
];
const contact = 'GET /internal/profiles/{userId}/contact';

/** One order, from the gateway to the mail, as seen by the collector. */
export function describeOrderTrace({ client, receiver, metrics, carrier }: OrderTraceOptions): void {
  describe('one order', () => {
    const key = randomUUID();
    let root: SpanNode;
    let all: ReceivedSpan[];
    let productId: string;
    let userId: string;
    let clients: string;

    beforeAll(async () => {
      const ada = await register(client());
      userId = ada.id;
      ({ productId } = await plentifulProduct(client()));
      clients = randomBytes(16).toString('hex');
      const headers = { traceparent: `00-${clients}-${randomBytes(8).toString('hex')}-01` };
      expect((await buy(client(), ada, { productId, headers, key })).status).toBe(201);
      root = await eventually(
        () => {
          const { spans } = receiver();
          const first = spans.find(({ links }) => links.some(({ traceId }) => traceId === clients));
          const tree = treeOf(spans, first!.traceId);
          const labels = flatten(tree).map(({ span }) => label(span));
          // Each service exports separately: the last span of each for the order must have arrived.
          expect(labels).toEqual(
            expect.arrayContaining([
              'inventory server: POST /internal/reservations/{orderId}/commit',
              'payment server: POST /internal/payments/{orderId}/capture',
              'notification internal: mail order-confirmed',
              `profile server: ${contact}`,
            ]),
          );
          return Promise.resolve(tree);
        },
        { timeoutMs: 30_000 },
      );
      all = flatten(root).map(({ span }) => span);
    }, 60_000);

    const waysToName = (name: string, service: string) =>
      waysTo(root, (span) => span.name === name && serviceOf(span) === service);

    it('is one trace through every service, begun at the gateway and linked to the client’s', () => {
      expect(label(root.span)).toBe(`gateway server: ${placing}`);
      expect(root.span.traceId).not.toBe(clients);
      expect(new Set(all.map(serviceOf))).toEqual(
        new Set(['gateway', 'order', 'product', 'inventory', 'payment', 'profile', ...hearConfirmed]),
      );
      expect(all.filter(({ status }) => status.code === 2).map(label)).toEqual([]);
    });

    it('shows each step of the saga, what it called and what that did', () => {
      const saga = waysToName('order.saga', 'order');
      expect(saga).toEqual([toSaga]);
      const steps = all.filter(({ name }) => name.startsWith('step '));
      expect(steps.map(({ attributes }) => [attributes['saga.step'], attributes['saga.outcome']])).toEqual([
        ['placed', 'done'],
        ['reserved', 'done'],
        ['authorised', 'done'],
        ['committed', 'done'],
      ]);
      expect(waysToName('POST /internal/products/quote', 'product')).toEqual([
        [...toOrder, ...both('POST /internal/products/quote', 'order', 'product')],
      ]);
      expect(waysToName('write-reservations', 'inventory')).toEqual([
        [
          ...stepTo('placed', 'inventory', 'PUT /internal/reservations/{orderId}'),
          statement('inventory', 'write-reservations'),
        ],
        [
          ...stepTo('authorised', 'inventory', 'POST /internal/reservations/{orderId}/commit'),
          statement('inventory', 'write-reservations'),
        ],
      ]);
      expect(waysToName('provider.authorise', 'payment')).toEqual([
        [
          ...stepTo('reserved', 'payment', 'PUT /internal/payments/{orderId}'),
          'payment client: provider.authorise',
        ],
      ]);
      expect(waysToName('provider.capture', 'payment')).toEqual([
        [
          ...stepTo('committed', 'payment', 'POST /internal/payments/{orderId}/capture'),
          'payment client: provider.capture',
        ],
      ]);
    });

    it('goes on from the outbox through the broker to the mail', () => {
      expect(waysToName('publish order.confirmed.v1', 'order')).toEqual([
        [...toSaga, 'order client: publish order.confirmed.v1'],
      ]);
      const handled = [...toSaga, 'notification consumer: process order.confirmed.v1'];
      expect(waysToName('notification-tell', 'notification')).toEqual([
        [...handled, statement('notification', 'notification-tell')],
      ]);
      expect(waysToName(contact, 'profile')).toEqual([
        [
          ...toSaga,
          'notification internal: mail order-confirmed',
          ...both(contact, 'notification', 'profile'),
        ],
      ]);
      expect(waysToName('smtp send', 'notification')).toEqual([
        [...toSaga, 'notification internal: mail order-confirmed', 'notification client: smtp send'],
      ]);
      const [sent, received] = ['publish order.confirmed.v1', 'process order.confirmed.v1'].map(
        (name) => all.find((span) => span.name === name)!.attributes,
      );
      expect(sent).toMatchObject({ 'messaging.system': carrier, 'messaging.operation.type': 'send' });
      expect(received).toMatchObject({
        'messaging.system': carrier,
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': 'notification.orders',
        'messaging.message.id': sent!['messaging.message.id'],
      });
    });

    it('names the statements and tells no value', () => {
      const statements = all.filter(({ attributes }) => 'db.system.name' in attributes);
      expect(statements.length).toBeGreaterThan(20);
      for (const { name, attributes } of statements) {
        expect(attributes['db.query.summary']).toBe(name);
        expect(['db.system.name', 'db.namespace', 'db.operation.name', 'db.query.summary']).toEqual(
          expect.arrayContaining(Object.keys(attributes)),
        );
      }
      const told = JSON.stringify(all);
      for (const value of [productId, userId, key]) expect(told).not.toContain(value);
    });

    it('is found from the histograms that it was measured in', async () => {
      const text = await metrics();
      const exemplars = (metric: string) =>
        [...text.matchAll(new RegExp(`^${metric}_bucket\\{.*\\} \\d+ # \\{trace_id="(\\w+)"\\} `, 'gm'))].map(
          ([, traceId]) => traceId!,
        );
      const unknown = (ids: readonly string[]) => {
        const known = new Set(receiver().spans.map(({ traceId }) => traceId));
        return ids.filter((id) => !known.has(id));
      };
      for (const metric of [
        'http_server_request_duration_seconds',
        'http_client_request_duration_seconds',
        'order_saga_step_duration_seconds',
      ]) {
        const ids = exemplars(metric);
        expect({ metric, ids: ids.length }).not.toEqual({ metric, ids: 0 });
        await eventually(() => expect(unknown(ids)).toEqual([]));
      }
    });
  });
}

const statement = (service: string, name: string) => `${service} client: ${name}`;
const both = (endpoint: string, caller: string, peer: string) => [
  `${caller} client: ${endpoint}`,
  `${peer} server: ${endpoint}`,
];
