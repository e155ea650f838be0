import { randomUUID } from 'node:crypto';
import type { OpenOptions } from '../open-shop';
import type { PlantedShop } from './planted-shop';

/** Something that must never happen, planted, and what has to be said of it. */
export interface Mistake {
  /** What went wrong in the shop. */
  readonly what: string;
  /** The invariant that has to notice, and what it has to say. */
  readonly noticed: string;
  readonly problem: RegExp;
  readonly plant: (planted: PlantedShop) => Promise<unknown>;
  readonly options?: (planted: PlantedShop) => OpenOptions;
}

export const mistakes: readonly Mistake[] = [
  {
    what: 'an order that was answered 201 is not there',
    noticed: 'acknowledged-orders-exist',
    problem: /no such order/,
    plant: async () => undefined,
    options: () => ({ acknowledged: [{ orderId: randomUUID(), status: 201 }] }),
  },
  {
    what: 'an order that was answered 201 never was confirmed',
    noticed: 'acknowledged-orders-exist',
    problem: /never was confirmed/,
    plant: ({ plant, order }) =>
      plant('order', `update order_transition set state = 'expired' where order_id = $1 and sequence = 5`, [
        order.orderId,
      ]),
    options: ({ order }) => ({ acknowledged: [{ orderId: order.orderId, status: 201 }] }),
  },
  {
    what: 'a saga was left in the middle',
    noticed: 'orders-end-once',
    problem: /is authorised, which is no end/,
    plant: ({ plant }) => plant('order', `update orders set state = 'authorised'`),
  },
  {
    what: 'an order ended twice',
    noticed: 'orders-end-once',
    problem: /ended more than once: cancelled, confirmed/,
    plant: ({ plant }) =>
      plant('order', `update order_transition set state = 'cancelled' where sequence = 4`),
  },
  {
    what: 'an order took longer than it may',
    noticed: 'orders-end-once',
    problem: /took 3600 s/,
    plant: ({ plant }) =>
      plant('order', `update order_transition set at = at + interval '1 hour' where sequence = 5`),
  },
  {
    what: 'an order was confirmed without its money being held',
    noticed: 'transitions-are-legal',
    problem: /went from reserved to committed/,
    plant: async ({ plant }) => {
      await plant('order', 'delete from order_transition where sequence = 3');
      await plant('order', 'update order_transition set sequence = sequence - 1 where sequence > 3');
      await plant('order', 'update orders set version = 4');
    },
  },
  {
    what: 'a transition left no trace in the timeline',
    noticed: 'transitions-are-legal',
    problem: /entry 2 has number 3/,
    plant: ({ plant }) => plant('order', 'delete from order_transition where sequence = 2'),
  },
  {
    what: 'the timeline says something else than the order',
    noticed: 'transitions-are-legal',
    problem: /its timeline ends with confirmed/,
    plant: ({ plant }) => plant('order', `update orders set state = 'refunded', version = 6`),
  },
  {
    what: 'pieces came out of nowhere',
    noticed: 'stock-is-conserved',
    problem: /counted 11, movements 10/,
    plant: ({ plant }) => plant('inventory', 'update stock set on_hand = on_hand + 1'),
  },
  {
    what: 'pieces were sold that no reservation accounts for',
    noticed: 'stock-is-conserved',
    problem: /sold 3, committed 2/,
    plant: ({ plant }) => plant('inventory', 'update stock set on_hand = on_hand - 1, sold = sold + 1'),
  },
  {
    what: 'stock was negative for a moment',
    noticed: 'stock-is-conserved',
    problem: /is negative in movement/,
    plant: ({ plant }) => plant('inventory', 'update movement set after_on_hand = -1'),
  },
  {
    what: 'a reservation outlived the order it was for',
    noticed: 'reservations-follow-orders',
    problem: /is cancelled, but its stock is still committed/,
    plant: ({ plant }) => plant('order', `update orders set state = 'cancelled'`),
  },
  {
    what: 'stock is held for an order that was never written',
    noticed: 'reservations-follow-orders',
    problem: /held for an order that does not exist/,
    plant: ({ plant }) =>
      plant(
        'inventory',
        `insert into reservation (order_id, state, lines, expires_at) values (gen_random_uuid(), 'held', '[]', now())`,
      ),
  },
  {
    what: 'a confirmed order’s stock was given back',
    noticed: 'reservations-follow-orders',
    problem: /is confirmed, but its reservation is released/,
    plant: ({ plant }) => plant('inventory', `update reservation set state = 'released'`),
  },
  {
    what: 'something else was sold than was ordered',
    noticed: 'reservations-follow-orders',
    problem: /other pieces were sold/,
    plant: ({ plant }) => plant('order', 'update order_line set quantity = 3'),
  },
  {
    what: 'a cancelled order’s money was kept',
    noticed: 'money-follows-orders',
    problem: /is cancelled: 1250 were kept where 0 are due/,
    plant: ({ plant }) => plant('order', `update orders set state = 'cancelled'`),
  },
  {
    what: 'a confirmed order was never paid',
    noticed: 'money-follows-orders',
    problem: /is confirmed: 0 were kept where 1250 are due/,
    plant: ({ plant }) => plant('payment', `update payments set captured = 0, status = 'voided'`),
  },
  {
    what: 'an order ended without letting go of its money',
    noticed: 'money-follows-orders',
    problem: /is cancelled, but its money is still held/,
    plant: async ({ plant }) => {
      await plant('order', `update orders set state = 'cancelled'`);
      await plant('payment', `update payments set captured = 0, status = 'authorised'`);
    },
  },
  {
    what: 'an order was paid in another currency',
    noticed: 'money-follows-orders',
    problem: /is in EUR, but was paid in XXX/,
    plant: ({ plant }) => plant('payment', `update payments set currency = 'XXX'`),
  },
  {
    what: 'a payment was left half-way',
    noticed: 'money-follows-orders',
    problem: /its payment is still captured/,
    plant: ({ plant }) => plant('payment', 'update payments set due_at = now()'),
  },
  {
    what: 'an entry of the ledger has no counterpart',
    noticed: 'ledger-balances',
    problem: /its entries sum to 1250/,
    plant: ({ plant }) => plant('payment', `delete from ledger_entries where account = 'sales'`),
  },
  {
    what: 'a payment says more than the ledger',
    noticed: 'ledger-balances',
    problem: /captured 1250 and refunded 250, but the ledger holds 1250/,
    plant: ({ plant }) => plant('payment', 'update payments set refunded = 250'),
  },
  {
    what: 'the provider gave money back that the shop did not book',
    noticed: 'provider-agrees',
    problem: /gave back 250, the shop says 1250 and 0/,
    plant: async ({ shop, askProvider }) => {
      const [charge] = await shop.charges!();
      await askProvider(`/charges/${charge!.id}/refunds`, randomUUID(), { amount: 250 });
    },
  },
  {
    what: 'the provider holds money for an order that the shop forgot',
    noticed: 'provider-agrees',
    problem: /a charge that the shop knows nothing of/,
    plant: ({ askProvider }) =>
      askProvider('/charges', randomUUID(), {
        orderId: randomUUID(),
        amount: 5,
        currency: 'EUR',
        paymentMethod: 'pm_ok',
      }),
  },
  {
    what: 'a hold was left open at the provider',
    noticed: 'provider-agrees',
    problem: /still has ch_\S+ as authorised, the payment is captured/,
    plant: ({ askProvider, order }) =>
      askProvider('/charges', randomUUID(), {
        orderId: order.orderId,
        amount: 1_250,
        currency: 'EUR',
        paymentMethod: 'pm_ok',
      }),
  },
  {
    what: 'a buyer was charged twice',
    noticed: 'captured-once',
    problem: /the provider took 2500 of 1250 in 2 charges/,
    plant: async ({ askProvider, order }) => {
      const { id } = await askProvider('/charges', randomUUID(), {
        orderId: order.orderId,
        amount: 1_250,
        currency: 'EUR',
        paymentMethod: 'pm_ok',
      });
      await askProvider(`/charges/${id}/capture`, randomUUID(), { amount: 1_250 });
    },
  },
  {
    what: 'a capture was tried again under another key',
    noticed: 'captured-once',
    problem: /a capture was asked for under 2 keys/,
    plant: ({ plant, order }) =>
      plant(
        'payment',
        `insert into provider_attempts (id, payment_id, operation, idempotency_key) values (gen_random_uuid(), $1, 'capture', 'new')`,
        [order.paymentId],
      ),
  },
  {
    what: 'a client that repeated its key was told of another order',
    noticed: 'one-effect-per-key',
    problem: /this key was answered with \S+ and \S+/,
    plant: async () => undefined,
    options: ({ order: { orderId, userId, key } }) => ({
      acknowledged: [
        { orderId, status: 201, userId, key },
        { orderId: randomUUID(), status: 201, userId, key },
      ],
    }),
  },
  {
    what: 'one order was placed under two keys',
    noticed: 'one-effect-per-key',
    problem: /was placed under 2 keys/,
    plant: ({ plant }) =>
      plant(
        'order',
        `insert into idempotency_key select user_id, scope, 'another', fingerprint, order_id, lease_until, expires_at from idempotency_key`,
      ),
  },
  {
    what: 'a key names an order that was never written',
    noticed: 'one-effect-per-key',
    problem: /a key names it, but there is no such order/,
    plant: ({ plant }) => plant('order', 'update idempotency_key set order_id = gen_random_uuid()'),
  },
  {
    what: 'an event was lost on its way',
    noticed: 'events-reach-their-groups',
    problem: /order.confirmed.v1 was committed by order and never handled by notification.orders/,
    plant: ({ plant }) => plant('notification', 'delete from inbox'),
  },
  {
    what: 'an account has no profile',
    noticed: 'projections-agree',
    problem: /is an account without a profile/,
    plant: ({ plant }) => plant('profile', 'delete from profiles'),
  },
  {
    what: 'the index shows an old product',
    noticed: 'projections-agree',
    problem: /has version 2, in the index 1/,
    plant: ({ plant }) => plant('product', 'update product set version = 2'),
  },
  {
    what: 'a buyer was told nothing',
    noticed: 'endings-are-told-once',
    problem: /order-confirmed was told in the shop 0 times/,
    plant: ({ plant }) => plant('notification', 'delete from notification'),
  },
  {
    what: 'a buyer was told twice',
    noticed: 'endings-are-told-once',
    problem: /order-confirmed was told in the shop 2 times/,
    plant: ({ plant }) =>
      plant(
        'notification',
        `insert into notification (id, user_id, sequence, template, facts)
          select gen_random_uuid(), user_id, 2, template, facts from notification`,
      ),
  },
  {
    what: 'a buyer was told of an end that the order did not come to',
    noticed: 'endings-are-told-once',
    problem: /order-expired was mailed 1 times, but the order did not end so/,
    plant: ({ plant }) => plant('notification', `update mail set template = 'order-expired'`),
  },
  {
    what: 'a mail that is said to be sent never arrived',
    noticed: 'mails-arrive-once',
    problem: /is said to be sent, but did not arrive/,
    plant: ({ plant }) => plant('notification', 'update mail set event_id = gen_random_uuid()'),
  },
  {
    what: 'a mail arrived twice although nothing had happened to its sender',
    noticed: 'mails-arrive-once',
    problem: /arrived 2 times after 1 attempts/,
    plant: ({ deliverMail, order }) => deliverMail(order.eventId),
  },
  {
    what: 'a message was given up on',
    noticed: 'no-dead-letters',
    problem: /order.confirmed.v1 is a dead letter of notification.orders after 5 attempts: TypeError/,
    plant: ({ plant }) =>
      plant(
        'notification',
        `insert into dead_letter (consumer_group, message_id, event_type, body, attempts, reason)
          values ('notification.orders', 'm-1', 'order.confirmed.v1', '{}', 5, 'TypeError')`,
      ),
  },
  {
    what: 'an event is parked because it cannot be sent',
    noticed: 'no-dead-letters',
    problem: /is parked in the outbox of order: unroutable/,
    plant: ({ plant }) =>
      plant('order', `update outbox set sent_at = null, parked_at = now(), parked_reason = 'unroutable'`),
  },
  {
    what: 'an event waits in an outbox for ever',
    noticed: 'outboxes-are-empty',
    problem: /1 events are unsent, the oldest for 6\d\.\d s/,
    plant: ({ plant }) =>
      plant('order', `update outbox set sent_at = null, created_at = now() - interval '1 min'`),
  },
  {
    what: 'a message waits in a queue for ever',
    noticed: 'queues-are-empty',
    problem: /holds 1 messages/,
    plant: ({ plant }) =>
      plant(
        'notification',
        `insert into delivery (consumer_group, message_id, event_type, body) values ('notification.orders', 'm', 't', '{}')`,
      ),
  },
];
