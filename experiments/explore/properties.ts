import { isFinal, isLegal, type State } from '@bulkhead/app/order/src/saga/states';
import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import { isInBetween } from '@bulkhead/app/payment/src/payments/transitions';
import { type History, isRefusedForGood } from './history';
import { price } from './processes';
import type { World } from './world';

interface OrderFacts {
  readonly id: string;
  readonly userId: string;
  readonly buyerErased: boolean;
  readonly state: State;
  readonly reason: string | null;
  readonly version: number;
  readonly isDue: boolean;
  readonly timeline: readonly { readonly sequence: number; readonly state: State }[];
  readonly told: readonly { readonly type: string; readonly userId: string; readonly position: number }[];
  /** Position in the outbox of the answer to the erasure. */
  readonly erasedAt: number | null;
  readonly keys: number;
}

interface PaymentFacts {
  readonly id: string;
  readonly userId: string | null;
  readonly status: PaymentStatus;
  readonly captured: number;
  readonly refunded: number;
  readonly isDue: boolean;
  readonly needsAttention: boolean;
  readonly ledger: number;
  readonly captureKeys: number;
  readonly givenBack: number;
}

/** What must be true of a history that has come to rest. @returns what is not */
export async function offencesOf(world: World, history: History): Promise<string[]> {
  const offences = [...world.problems];
  const orders = await readOrders(world, history);
  if (orders.length > 1) offences.push(`${orders.length} orders for one key`);
  const [order] = orders;
  if (!order) {
    if (history.answers.some((status) => status < 300))
      offences.push('an order was promised that is not there');
  } else {
    offences.push(...saga(order, history), ...(await money(world, history, order)));
    offences.push(...(await tellings(world, history, order)));
  }
  offences.push(...(await stock(world, history, order)));
  for (const [what, queue] of Object.entries({
    'events not handled': world.messages.queued,
    'acts not made': world.stage.waiting(),
  }))
    if (queue.length > 0) offences.push(`${queue.length} ${what}`);
  return offences;
}

function saga(order: OrderFacts, history: History): string[] {
  const { answers, userId, erasureId } = history;
  const { state, timeline, version, told } = order;
  const offences: string[] = [];
  const refundRefused = state === 'needs_attention' && isRefusedForGood(history, order.reason);
  if (!isFinal(state) && !refundRefused) offences.push(`is ${state} (${order.reason}), which is no end`);
  if (isFinal(state) && order.isDue) offences.push(`is ${state} and still due`);
  const states = timeline.map((entry) => entry.state);
  if (timeline.some(({ sequence }, index) => sequence !== index + 1)) offences.push('its timeline has a gap');
  if (states[0] !== 'placed' || states.at(-1) !== state || states.length !== version)
    offences.push(`is ${state} in version ${version}, its timeline is ${states.join(' ')}`);
  states.slice(1).forEach((to, index) => {
    if (!isLegal(states[index]!, to)) offences.push(`went from ${states[index]} to ${to}`);
  });
  const ends = states.filter((each) => isFinal(each) || each === 'needs_attention');
  const expected = ['order.placed.v1', ...ends.map((end) => `order.${end.replace('_', '-')}.v1`)];
  const types = told.map(({ type }) => type);
  if (types.join() !== expected.join()) offences.push(`told ${types.join(' ')} of ${states.join(' ')}`);
  if (answers.includes(201) && !states.includes('confirmed'))
    offences.push('was answered 201, but not confirmed');
  if (erasureId === undefined) return offences;
  if (order.userId === userId || !order.buyerErased) offences.push('still knows the buyer who was erased');
  if (order.keys > 0) offences.push('a key still names the buyer who was erased');
  if (order.erasedAt === null) offences.push('order did not answer to the erasure');
  for (const event of told)
    if (event.userId === userId && event.position > (order.erasedAt ?? 0))
      offences.push(`${event.type} names the buyer after the erasure`);
  return offences;
}

async function money(world: World, history: History, order: OrderFacts): Promise<string[]> {
  const offences: string[] = [];
  const payment = await readPayment(world, order.id);
  const charges = world.provider.book.ofOrder(order.id);
  if (charges.length > 1) offences.push(`the provider has ${charges.length} charges`);
  const [charge] = charges;
  const kept = (charge?.captured ?? 0) - (charge?.refunded ?? 0);
  const keeps = order.state === 'confirmed' || order.state === 'needs_attention';
  const due = keeps ? price.amount - (payment?.givenBack ?? 0) : 0;
  if (kept !== due) offences.push(`is ${order.state}, the provider keeps ${kept} where ${due} are due`);
  if (!payment) return charge ? [...offences, 'a charge without a payment'] : offences;
  if (payment.captured !== (charge?.captured ?? 0) || payment.refunded !== (charge?.refunded ?? 0))
    offences.push(
      `payment says ${payment.captured}-${payment.refunded}, provider ${charge?.captured}-${charge?.refunded}`,
    );
  if (payment.ledger !== payment.captured - payment.refunded)
    offences.push(`the ledger says ${payment.ledger}`);
  if (charge && ['authorised', 'requires_action'].includes(charge.status))
    offences.push(`is ${order.state}, the provider still has its charge as ${charge.status}`);
  if (payment.isDue || isInBetween(payment.status) || payment.status === 'authorised')
    offences.push(`is ${order.state}, its payment is still ${payment.status}`);
  // The provider would not give what it had authorised, or gives nothing back: somebody has to ask it why.
  const isExplained = payment.status === 'failed' || isRefusedForGood(history, order.reason);
  if (payment.needsAttention && !isExplained)
    offences.push(`its payment is ${payment.status} and needs attention`);
  if (payment.captureKeys > 1) offences.push(`a capture was asked for under ${payment.captureKeys} keys`);
  if (history.erasureId !== undefined && payment.userId !== null)
    offences.push('payment still knows the buyer who was erased');
  return offences;
}

async function stock(world: World, { sku }: History, order: OrderFacts | undefined): Promise<string[]> {
  const { rows } = await world.databases.inventory.query<
    Record<'onHand' | 'reserved' | 'sold' | 'moved', number>
  >({
    name: 'explore-read-stock',
    text: `select on_hand as "onHand", reserved, sold,
        (select sum(delta)::bigint from movement where movement.sku = stock.sku) as moved
      from stock where sku = $1`,
    values: [sku],
  });
  const { onHand, reserved, sold, moved } = rows[0]!;
  const isSold = order?.state === 'confirmed' ? 1 : 0;
  const offences: string[] = [];
  if (onHand + reserved + sold !== (moved ?? 0))
    offences.push(`${onHand}+${reserved}+${sold} pieces of ${moved}`);
  const mayHold = order?.state === 'needs_attention';
  if (!mayHold && (reserved !== 0 || sold !== isSold))
    offences.push(`is ${order?.state}, ${reserved} pieces are reserved and ${sold} sold`);
  return offences;
}

async function tellings(world: World, { userId, erasureId }: History, order: OrderFacts): Promise<string[]> {
  const { rows } = await world.databases.notification.query<{ place: string; what: string; count: number }>({
    name: 'explore-tellings',
    text: `select 'shown' as place, template as what, count(*)::int as count from notification
        where facts ->> 'orderId' = $1 group by template
      union all select 'mail', template, count(*)::int from mail where facts ->> 'orderId' = $1 group by template
      union all select 'mailbox', case when erased_at is null then 'open' else 'closed' end, 1 from mailbox
        where user_id = any ($2::uuid[])`,
    values: [order.id, [userId, order.userId]],
  });
  const refunds = rows.filter(({ what }) => what.startsWith('refund-'));
  const told = rows
    .filter((row) => !refunds.includes(row))
    .map(({ place, what, count }) => `${count} ${place} ${what}`)
    .sort();
  const ends = order.timeline.map(({ state }) => state).filter(isFinal);
  const expected =
    erasureId !== undefined
      ? ['1 mailbox closed']
      : [
          ...ends.flatMap((end) => [`1 shown order-${end}`, `1 mail order-${end}`]),
          ...(ends.length + refunds.length > 0 ? ['1 mailbox open'] : []),
        ];
  return told.join() === expected.sort().join()
    ? []
    : [`notification has ${told.join(', ') || 'nothing'} where ${expected.join(', ') || 'nothing'} is due`];
}

async function readOrders(world: World, { userId, orderIds }: History): Promise<OrderFacts[]> {
  const { rows } = await world.databases.order.query<OrderFacts>({
    name: 'explore-read-orders',
    text: `select id, user_id as "userId", buyer_erased as "buyerErased", state, reason, version,
        due_at is not null as "isDue",
        (select jsonb_agg(jsonb_build_object('sequence', sequence, 'state', state) order by sequence)
          from order_transition where order_id = orders.id) as timeline,
        (select jsonb_agg(jsonb_build_object('type', type, 'position', position,
            'userId', payload -> 'data' ->> 'userId') order by position)
          from outbox where subject = orders.id::text and type not like 'order.refund-%') as told,
        (select min(position) from outbox where subject = $2 and type = 'order.user-erased.v1') as "erasedAt",
        (select count(*)::int from idempotency_key where user_id = $2::uuid) as keys
      from orders where id = any ($1::uuid[])`,
    values: [orderIds, userId],
  });
  return rows;
}

async function readPayment(world: World, orderId: string): Promise<PaymentFacts | undefined> {
  const { rows } = await world.databases.payment.query<PaymentFacts>({
    name: 'explore-read-payment',
    text: `select id, user_id as "userId", status, captured, refunded, due_at is not null as "isDue",
        needs_attention_at is not null as "needsAttention",
        coalesce((select sum(amount) from ledger_entries join ledger_transactions on transaction_id = ledger_transactions.id
          where payment_id = payments.id and account = 'provider_receivable'), 0)::bigint as ledger,
        (select count(distinct idempotency_key)::int from provider_attempts
          where payment_id = payments.id and operation = 'capture') as "captureKeys",
        coalesce((select sum(amount) from refunds where payment_id = payments.id and status = 'succeeded'
          and origin <> 'order'), 0)::bigint as "givenBack"
      from payments where order_id = $1`,
    values: [orderId],
  });
  return rows[0];
}
