import { main as ordersCommand } from '@bulkhead/app/order/src/operator/orders-cli';
import type { State } from '@bulkhead/app/order/src/saga/states';
import { runChecks } from '@bulkhead/invariants/run-checks';
import { eventually } from '@bulkhead/testing/eventually';
import { type Carrier, startWholeShop, type WholeShop } from './whole-shop';

/** Where an order stands when its buyer is erased, and where it has to end. */
interface Standing {
  readonly what: string;
  /** Undefined where the provider's news goes ahead of the response that is held, and may move the order on by itself. */
  readonly state?: State;
  readonly ends: readonly State[];
  /** @returns its id, once it stands there */
  readonly bring: (buyer: Buyer) => Promise<string>;
}

interface Buyer {
  /** Places an order, and gives its id when it was answered. */
  buy(paymentMethod?: string): Promise<string>;
  /** The same, with its first call of an operation held. */
  buyHeld(operationId: string, side?: 'before' | 'after'): Promise<string>;
  cancel(orderId: string): Promise<void>;
  /** As if the order had stood where it stands for longer than the saga tries. */
  giveUp(orderId: string): Promise<void>;
  expire(orderId: string): Promise<void>;
  reaches(orderId: string, state: State): Promise<void>;
  readonly shop: WholeShop;
}

const waitsForBank = 'pm_requires_action';

/** Those in which nothing is held come first: what is held takes the places of those who recover orders. */
const standings: readonly Standing[] = [
  {
    what: 'waiting for the bank',
    state: 'reserved',
    ends: ['cancelled'],
    bring: ({ buy }) => buy(waitsForBank),
  },
  { what: 'confirmed', state: 'confirmed', ends: ['confirmed'], bring: ({ buy }) => buy() },
  {
    what: 'cancelled',
    state: 'cancelled',
    ends: ['cancelled'],
    async bring({ buy, cancel }) {
      const orderId = await buy(waitsForBank);
      await cancel(orderId);
      return orderId;
    },
  },
  { what: 'rejected', state: 'rejected', ends: ['rejected'], bring: ({ buy }) => buy('pm_declined') },
  {
    what: 'expired',
    state: 'expired',
    ends: ['expired'],
    async bring({ buy, expire }) {
      const orderId = await buy(waitsForBank);
      await expire(orderId);
      return orderId;
    },
  },
  {
    what: 'refunded',
    state: 'refunded',
    ends: ['refunded'],
    async bring({ buy, cancel, reaches }) {
      const orderId = await buy();
      await reaches(orderId, 'confirmed');
      await cancel(orderId);
      return orderId;
    },
  },
  {
    what: 'given up while it waited for the bank',
    state: 'needs_attention',
    ends: ['cancelled'],
    async bring({ buy, giveUp, reaches }) {
      const orderId = await buy(waitsForBank);
      await reaches(orderId, 'reserved');
      await giveUp(orderId);
      return orderId;
    },
  },
  {
    what: 'placed, its reservation on the way',
    state: 'placed',
    ends: ['cancelled'],
    bring: ({ buyHeld }) => buyHeld('reserveStock'),
  },
  {
    what: 'placed, its stock reserved',
    state: 'placed',
    ends: ['cancelled'],
    bring: ({ buyHeld }) => buyHeld('reserveStock', 'after'),
  },
  {
    what: 'reserved, its authorisation on the way',
    state: 'reserved',
    ends: ['cancelled'],
    bring: ({ buyHeld }) => buyHeld('authorisePayment'),
  },
  {
    what: 'reserved, the provider at the authorisation',
    ends: ['cancelled', 'confirmed', 'refunded'],
    bring: ({ buyHeld }) => buyHeld('authorise-answered'),
  },
  {
    what: 'reserved, its money held',
    ends: ['cancelled', 'confirmed', 'refunded'],
    bring: ({ buyHeld }) => buyHeld('authorisePayment', 'after'),
  },
  {
    what: 'authorised',
    state: 'authorised',
    ends: ['cancelled'],
    bring: ({ buyHeld }) => buyHeld('commitReservation'),
  },
  {
    what: 'committed, its capture on the way',
    state: 'committed',
    ends: ['cancelled', 'refunded'],
    bring: ({ buyHeld }) => buyHeld('capturePayment'),
  },
  {
    what: 'committed, its money captured',
    ends: ['refunded', 'confirmed'],
    bring: ({ buyHeld }) => buyHeld('capturePayment', 'after'),
  },
  {
    what: 'being cancelled',
    state: 'cancelling',
    ends: ['cancelled'],
    async bring({ buy, cancel, shop }) {
      const orderId = await buy(waitsForBank);
      shop.gates.hold('voidPayment');
      await cancel(orderId);
      return orderId;
    },
  },
  {
    what: 'being refunded',
    state: 'refunding',
    ends: ['refunded'],
    async bring({ buy, cancel, reaches, shop }) {
      const orderId = await buy();
      await reaches(orderId, 'confirmed');
      shop.gates.hold('refundOrderPayment');
      await cancel(orderId);
      return orderId;
    },
  },
];

describe.each<Carrier>(['in process', 'RabbitMQ'])('a person who is erased, with events by %s', (carrier) => {
  let shop: WholeShop;
  beforeAll(async () => {
    shop = await startWholeShop(carrier);
  }, 60_000);
  afterAll(() => shop?.stop(), 60_000);

  const stateOf = async (orderId: string) =>
    (await shop.sql<{ state: State }>('order', 'select state from orders where id = $1', orderId))[0]!.state;
  const none = async (
    service: Parameters<WholeShop['sql']>[0],
    from: string,
    ...values: readonly unknown[]
  ) => expect(await shop.sql(service, `select * from ${from}`, ...values)).toEqual([]);

  async function openForBusiness() {
    const admin = { userId: crypto.randomUUID(), roles: ['customer', 'admin'] as const };
    const sku = 'KETTLE';
    const price = { amount: 1_250, currency: 'EUR' };
    const json = { sku, slug: 'kettle', name: 'Kettle', description: '', category: 'kitchen', price };
    const product = await shop.call('product', {
      method: 'POST',
      target: '/api/v1/products',
      json,
      ...admin,
    });
    await eventually(async () => (await shop.sql('inventory', 'select from stock')).length === 1);
    const adjustment = { delta: 100, reason: 'delivery' };
    await shop.call('inventory', {
      method: 'POST',
      target: `/api/v1/stock/${sku}/adjustments`,
      json: adjustment,
      ...admin,
    });
    const { body } = await shop.call('auth', {
      method: 'POST',
      target: '/api/v1/auth/register',
      json: { email: 'ada@people.example', password: 'a pass phrase of tests', name: 'Ada' },
    });
    const userId = (body['user'] as { id: string }).id;
    await eventually(async () => (await shop.sql('profile', 'select from profiles')).length === 1);
    return { userId, productId: product.body['productId'] as string };
  }

  function createBuyer({ userId, productId }: { userId: string; productId: string }): Buyer {
    const buyer: Buyer = {
      shop,
      async buy(paymentMethod = 'pm_ok') {
        const json = { items: [{ productId, quantity: 1 }], paymentMethod };
        const response = await shop.call('order', { method: 'POST', target: '/api/v1/orders', userId, json });
        return (response.body['id'] ?? response.body['orderId']) as string;
      },
      async buyHeld(operationId, side) {
        const before = shop.gates.count();
        shop.gates.hold(operationId, side);
        const orderId = await buyer.buy();
        await eventually(() => shop.gates.count() > before);
        return orderId;
      },
      async cancel(orderId) {
        await shop.call('order', { method: 'POST', target: `/api/v1/orders/${orderId}/cancel`, userId });
      },
      async giveUp(orderId) {
        const text = `update orders set changed_at = now() - interval '25 hours', due_at = now() where id = $1`;
        await shop.sql('order', text, orderId);
      },
      async expire(orderId) {
        await shop.sql('order', 'update orders set expires_at = now() where id = $1', orderId);
      },
      async reaches(orderId, state) {
        await eventually(async () => (await stateOf(orderId)) === state, {
          what: `an order that is ${state}`,
        });
      },
    };
    return buyer;
  }

  it('gets no notification about an order in any state, and each order ends with correct money and stock', async () => {
    const person = await openForBusiness();
    const { userId } = person;
    const buyer = createBuyer(person);
    const orders: (Standing & { readonly orderId: string })[] = [];
    for (const standing of standings) {
      shop.gates.hold();
      const orderId = await standing.bring(buyer);
      if (standing.state) await buyer.reaches(orderId, standing.state);
      orders.push({ ...standing, orderId });
    }
    shop.gates.hold();
    // A mail is in the queue, or in hand, when the erasure comes.
    await buyer.buy();

    expect((await shop.call('profile', { method: 'DELETE', target: '/api/v1/me', userId })).status).toBe(202);
    const forgot = (service: 'order' | 'payment' | 'notification') =>
      shop.sql(service, 'select from inbox where consumer_group = $1', `${service}.erasure`);
    for (const service of ['order', 'payment', 'notification'] as const)
      await eventually(async () => (await forgot(service)).length === 1);
    // What was on its way all the while arrives only now.
    shop.gates.open();

    const notEnded = async () => {
      const states = await Promise.all(orders.map(({ orderId }) => stateOf(orderId)));
      return orders.flatMap(({ what, ends }, index) =>
        ends.includes(states[index]!) ? [] : `${what}: ${states[index]}`,
      );
    };
    await eventually(async () => expect(await notEnded()).toEqual([]));
    const report = await runChecks(shop.view, 20_000);
    expect(report.invariants.flatMap(({ offences }) => offences)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'holds', quiescence: { reached: true } });

    await none('notification', 'mail');
    await none('notification', 'notification');
    await none('notification', 'mailbox where erased_at is null');
    await none('order', 'orders where user_id = $1 or not buyer_erased', userId);
    await none('order', 'idempotency_key');
    await none('payment', 'payments where user_id is not null');
    await none('profile', 'profiles');
    const metrics = await shop.service('notification').metrics();
    expect(metrics).toMatch(/^notification_mail_oldest_age_seconds\{[^}]*\} 0$/m);
    expect(metrics).toMatch(/^notification_mails_waiting\{[^}]*\} 0$/m);
  }, 60_000);

  it('gets no notification when an operator ends one of their orders afterwards', async () => {
    const [order] = await shop.sql<{ id: string }>(
      'order',
      `update orders set state = 'needs_attention', attention_from = 'refunding', version = version + 1
        where id = (select id from orders where state = 'confirmed' limit 1) returning id`,
    );
    const text = `insert into order_transition (order_id, sequence, state, at)
      values ($1, 6, 'refunding', now()), ($1, 7, 'needs_attention', now())`;
    await shop.sql('order', text, order!.id);
    await shop.sql('order', 'update orders set version = 7 where id = $1', order!.id);
    const environment = { DATABASE_URL: shop.databaseUrl('order') };
    expect(await ordersCommand(['retry', order!.id], environment)).toBe(0);
    await eventually(async () => (await stateOf(order!.id)) === 'refunded');
    const report = await runChecks(shop.view, 20_000);
    expect(report.invariants.flatMap(({ offences }) => offences)).toEqual([]);
    await none('notification', 'mail');
    await none('notification', 'mailbox where erased_at is null');
  }, 30_000);
});
