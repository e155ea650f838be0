import { randomUUID } from 'node:crypto';
import { noCurrency } from '@bulkhead/app/payment/src/payments/payment';
import { endings } from '../orders';
import type { LegalHistory } from './legal-histories';
import type { RestingPayment } from './legal-payments';
import type { PlantedShop } from './planted-shop';

const total = 1_000;
const sku = 'LEGAL';
/** To the provider at once. */
const calls = 20;

/** Writes histories into the databases of the shop and the book of its provider, as the services would have left them. */
export async function plantHistories(shop: PlantedShop, histories: readonly LegalHistory[]): Promise<void> {
  const planted = histories.map((history) => ({ ...history, orderId: randomUUID(), userId: randomUUID() }));
  await plantOrders(shop, planted);
  await plantStock(shop, planted);
  await plantPayments(shop, planted);
}

type Planted = LegalHistory & { readonly orderId: string; readonly userId: string };

async function plantOrders({ plant }: PlantedShop, planted: readonly Planted[]): Promise<void> {
  const orders = planted.map(({ orderId, userId, path, isBuyerErased }) => ({
    orderId,
    userId,
    isBuyerErased,
    state: path.at(-1),
    version: path.length,
  }));
  const steps = planted.flatMap(({ orderId, path }) =>
    path.map((state, index) => ({ orderId, state, sequence: index + 1 })),
  );
  const ends = planted.flatMap(({ orderId, userId, path, isBuyerErased }) =>
    path
      .filter((state) => endings.some((end) => end === state))
      .map((state, index) => ({
        orderId,
        userId,
        isBuyerErased,
        eventId: randomUUID(),
        sequence: index + 1,
        template: `order-${state}`,
        type: `order.${state}.v1`,
      })),
  );
  const accounts = orders.filter(({ isBuyerErased }) => !isBuyerErased);
  const told = ends.filter(({ isBuyerErased }) => !isBuyerErased);
  const json = (rows: readonly object[]) => [JSON.stringify(rows)];
  await plant(
    'auth',
    `insert into accounts (id, email, name, password_hash)
      select "userId", "userId" || '@people.example', 'Ada', 'a hash' from jsonb_to_recordset($1::jsonb) as row("userId" uuid)`,
    json(accounts),
  );
  await plant(
    'profile',
    `insert into profiles (user_id, email, name)
      select "userId", "userId" || '@people.example', 'Ada' from jsonb_to_recordset($1::jsonb) as row("userId" uuid)`,
    json(accounts),
  );
  await plant(
    'order',
    `insert into orders (id, user_id, buyer_erased, state, version, total_amount, currency, expires_at)
      select "orderId", "userId", "isBuyerErased", state, version, ${total}, 'EUR', now() from jsonb_to_recordset($1::jsonb)
        as row("orderId" uuid, "userId" uuid, "isBuyerErased" boolean, state text, version int)`,
    json(orders),
  );
  await plant(
    'order',
    `insert into order_line (order_id, position, product_id, sku, name, quantity, unit_price)
      select "orderId", 1, gen_random_uuid(), '${sku}', 'Legal', 1, ${total}
      from jsonb_to_recordset($1::jsonb) as row("orderId" uuid)`,
    json(orders),
  );
  await plant(
    'order',
    `insert into order_transition (order_id, sequence, state, at)
      select "orderId", sequence, state, now() + sequence * interval '10 ms'
      from jsonb_to_recordset($1::jsonb) as row("orderId" uuid, sequence int, state text)`,
    json(steps),
  );
  await plant(
    'order',
    `insert into outbox (id, type, subject, payload, sent_at)
      select "eventId", type, "orderId", '{}', now()
      from jsonb_to_recordset($1::jsonb) as row("eventId" uuid, type text, "orderId" text)`,
    json(ends),
  );
  await plant(
    'notification',
    `insert into inbox (consumer_group, event_id)
      select 'notification.orders', "eventId" from jsonb_to_recordset($1::jsonb) as row("eventId" uuid)`,
    json(ends),
  );
  await plant(
    'notification',
    `insert into notification (id, user_id, sequence, template, facts)
      select gen_random_uuid(), "userId", sequence, template, jsonb_build_object('orderId', "orderId")
      from jsonb_to_recordset($1::jsonb) as row("userId" uuid, sequence int, template text, "orderId" text)`,
    json(told),
  );
  // Nobody here wants mails of their orders, so that none has to lie in the mailbox.
  await plant(
    'notification',
    `insert into mail (event_id, template, user_id, facts, state, reason, expires_at, ended_at)
      select "eventId", template, "userId", jsonb_build_object('orderId', "orderId"), 'dropped', 'not-wanted', now(), now()
      from jsonb_to_recordset($1::jsonb) as row("eventId" uuid, "userId" uuid, template text, "orderId" text)`,
    json(told),
  );
}

async function plantStock({ plant }: PlantedShop, planted: readonly Planted[]): Promise<void> {
  const pieces = planted.length;
  const sold = planted.filter(({ reservation }) => reservation?.state === 'committed').length;
  await plant('inventory', `insert into stock (sku, on_hand, reserved, sold) values ('${sku}', $1, 0, $2)`, [
    pieces - sold,
    sold,
  ]);
  await plant(
    'inventory',
    `insert into movement (id, sku, delta, reason, after_on_hand, after_reserved, after_sold, after_version)
      values (gen_random_uuid(), '${sku}', $1, 'delivery', $1, 0, 0, 1)`,
    [pieces],
  );
  const reservations = planted.flatMap(({ orderId, reservation }) =>
    reservation
      ? [{ orderId, state: reservation.state, lines: reservation.isMark ? [] : [{ sku, quantity: 1 }] }]
      : [],
  );
  await plant(
    'inventory',
    `insert into reservation (order_id, state, lines, expires_at)
      select "orderId", state, lines, now()
      from jsonb_to_recordset($1::jsonb) as row("orderId" uuid, state text, lines jsonb)`,
    [JSON.stringify(reservations)],
  );
}

/** The charges as they came to be at the provider, then the payments as they were recorded. */
async function plantPayments(shop: PlantedShop, planted: readonly Planted[]): Promise<void> {
  const { plant } = shop;
  const payments: { orderId: string; userId: string; payment: RestingPayment; reference: string | null }[] =
    [];
  const plantSome = async (some: Iterator<Planted>) => {
    for (const { orderId, userId, payment } of { [Symbol.iterator]: () => some })
      if (payment)
        payments.push({ orderId, userId, payment, reference: await charged(shop, orderId, payment) });
  };
  const all = planted.values();
  await Promise.all(Array.from({ length: calls }, () => plantSome(all)));
  const rows = payments.map(
    ({ orderId, userId, reference, payment: { status, captured, refunds, isMark } }) => ({
      id: randomUUID(),
      orderId,
      userId: isMark ? null : userId,
      status,
      currency: isMark ? noCurrency : 'EUR',
      amount: isMark ? 0 : total,
      captured: amountOf(captured),
      refunded: refundedOf(refunds),
      reference,
      refunds,
    }),
  );
  const refunds = rows.flatMap(({ id, refunds }) =>
    refunds.map(({ by, share }) => ({
      paymentId: id,
      amount: amountOf(share),
      origin: by === 'provider' ? 'provider' : by === 'saga' ? 'order' : 'staff',
      reason: by === 'admin' ? 'broken' : null,
      requestedBy: by === 'admin' ? randomUUID() : null,
      key: by === 'admin' || by === 'erased-admin' ? randomUUID() : null,
    })),
  );
  const postings = [
    ...rows
      .filter(({ captured }) => captured > 0)
      .map(({ id, captured }) => ({ id: randomUUID(), paymentId: id, kind: 'capture', amount: captured })),
    ...refunds.map(({ paymentId, amount }) => ({
      id: randomUUID(),
      paymentId,
      kind: 'refund',
      amount: -amount,
    })),
  ];
  await plant(
    'payment',
    `insert into payments (id, order_id, user_id, provider, status, currency, amount, captured, refunded, provider_reference)
      select id, "orderId", "userId", 'simulated', status, currency, amount, captured, refunded, reference
      from jsonb_to_recordset($1::jsonb) as row(id uuid, "orderId" uuid, "userId" uuid, status text, currency text,
        amount bigint, captured bigint, refunded bigint, reference text)`,
    [JSON.stringify(rows)],
  );
  await plant(
    'payment',
    `insert into refunds (id, payment_id, amount, status, origin, reason, requested_by, idempotency_key)
      select gen_random_uuid(), "paymentId", amount, 'succeeded', origin, reason, "requestedBy", key
      from jsonb_to_recordset($1::jsonb)
        as row("paymentId" uuid, amount bigint, origin text, reason text, "requestedBy" uuid, key text)`,
    [JSON.stringify(refunds)],
  );
  await plant(
    'payment',
    `with posted as (
        select * from jsonb_to_recordset($1::jsonb) as row(id uuid, "paymentId" uuid, kind text, amount bigint)
      ), booked as (insert into ledger_transactions (id, payment_id, kind) select id, "paymentId", kind from posted)
      insert into ledger_entries (transaction_id, account, currency, amount)
      select id, account, 'EUR', sign * amount
      from posted, (values ('provider_receivable', 1), ('sales', -1)) as entry(account, sign)`,
    [JSON.stringify(postings)],
  );
}

const amountOf = (share: number): number => (total * share) / 100;
const refundedOf = (refunds: RestingPayment['refunds']): number =>
  amountOf(refunds.reduce((sum, { share }) => sum + share, 0));

/** @returns the provider's reference; null where it was never asked */
async function charged(
  { askProvider }: PlantedShop,
  orderId: string,
  { status, captured, refunds, isMark }: RestingPayment,
): Promise<string | null> {
  if (isMark) return null;
  const paymentMethod = status === 'declined' ? 'pm_declined' : 'pm_ok';
  const charge = { orderId, amount: total, currency: 'EUR', paymentMethod };
  const { id } = await askProvider('/charges', `${orderId}:authorise`, charge);
  if (captured > 0) await askProvider(`/charges/${id}/capture`, `${orderId}:capture`, { amount: total });
  else if (status === 'voided') await askProvider(`/charges/${id}/void`, `${orderId}:void`, {});
  const amount = refundedOf(refunds);
  if (amount > 0) await askProvider(`/charges/${id}/refunds`, `${orderId}:refund`, { amount });
  return id;
}
