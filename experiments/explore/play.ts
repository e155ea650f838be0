import { randomUUID } from 'node:crypto';
import type { Choices } from './choices';
import type { History, PersonalAction } from './history';
import type { Explored } from './databases';
import { price } from './processes';
import { webhookSecret } from './webhook-secret';
import { signWebhook } from '@bulkhead/app/payment/src/providers/webhook-signature';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { encodeEvent } from '@bulkhead/messaging/event-codec';
import { events } from '@bulkhead/contracts/events';
import type { World } from './world';
import type { Fate } from './stage';

const faults: readonly [Fate, ...Fate[]] = ['fails-before', 'fails-after', 'crash-before', 'crash-after'];
const maxSteps = 150;
/** After so many looks of recovery and reconciler in a row, with nothing else to do, nothing more happens by itself. */
const maxIdle = 3;

/** Plays a history as its choices say: whose act is next, how it goes, what else begins meanwhile. */
export async function play(world: World, history: History, choices: Choices): Promise<void> {
  const script = [...history.setting.script];
  await begin(world, history, 'buy');
  let idle = 0;
  for (let step = 0; step < maxSteps && idle < maxIdle && !choices.ended; step++) {
    const waiting = world.stage.waiting();
    if (waiting.length > 0 && choices.choose(5) < 4) {
      const act = waiting[choices.choose(waiting.length)]!;
      const fate = drawFate(history, choices, act.kind);
      history.log.push(`${act.what}${fate === 'fine' ? '' : ` ${fate}`}`);
      await release(world, history, act, fate);
      continue;
    }
    const arriving = whatArrives(world);
    if (waiting.length === 0 && arriving.length + script.length === 0) idle += 1;
    const possible: readonly Action[] = [
      ...script,
      ...arriving,
      'retry',
      'look-again',
      'recover',
      'timers',
      ...(world.messages.handled.length > 0 ? (['deliver-again'] as const) : []),
    ];
    const next = possible[choices.choose(possible.length)]!;
    const scripted = script.indexOf(next as PersonalAction);
    if (scripted >= 0) script.splice(scripted, 1);
    await begin(world, history, next);
  }
}

export async function release(
  world: World,
  { setting }: History,
  act: ReturnType<World['stage']['waiting']>[number],
  fate: Fate,
): Promise<void> {
  await act.release(fate);
  if (act.life.isDead && setting.isOneProcess) for (const process of world.processes.all()) process.die();
  await world.revive();
}

function drawFate(history: History, choices: Choices, kind: 'data' | 'call'): Fate {
  if (choices.choose(16) !== 15 || history.faultsLeft === 0) return 'fine';
  history.faultsLeft -= 1;
  // How a call goes is drawn when it is made.
  return kind === 'call' ? choices.pick(['crash-before', 'crash-after']) : choices.pick(faults);
}

type EnvironmentAction =
  | 'retry'
  | 'recover'
  | 'look-again'
  | 'expire-stock'
  | 'timers'
  | 'late-call'
  | 'late-provider'
  | 'webhook'
  | 'webhook-again'
  | 'deliver'
  | 'deliver-again'
  | `relay ${Explored}`;

export type Action = 'buy' | PersonalAction | EnvironmentAction;

function whatArrives({ processes, provider, messages }: World): EnvironmentAction[] {
  return [
    ...(processes.late.length > 0 ? (['late-call'] as const) : []),
    ...(provider.late.length > 0 ? (['late-provider'] as const) : []),
    ...(provider.webhooks.length > 0 ? (['webhook', 'webhook-again'] as const) : []),
    ...(messages.queued.length > 0 ? (['deliver', 'deliver'] as const) : []),
    ...[...messages.dirty].map((service) => `relay ${service}` as const),
  ];
}

/** Begins something; it goes on act by act as these are released. */
export async function begin(world: World, history: History, action: Action): Promise<void> {
  history.log.push(`— ${action}`);
  const { processes, stage, provider, messages, databases } = world;
  const orderId = history.orderIds[0];
  const sql = (service: Explored, text: string, ...values: unknown[]) =>
    databases[service].query({ name: text.slice(0, 50), text, values });
  const inBackground = (work: () => Promise<unknown>) =>
    stage.start(() => void work().catch((error: unknown) => world.failed(error)));
  const job = async (service: Explored, name: string) => {
    const process = await processes.of(service);
    if (world.jobs.has(`${service} ${name}`) && !world.jobs.get(`${service} ${name}`)!.isDead) return;
    world.jobs.set(`${service} ${name}`, process);
    return inBackground(() => process.runJob(name).finally(() => world.jobs.delete(`${service} ${name}`)));
  };

  switch (action) {
    case 'buy':
    case 'buy-again': {
      const body = {
        items: [{ productId: history.sku.toLowerCase(), quantity: 1 }],
        paymentMethod: history.setting.paymentMethod,
      };
      const order = await processes.of('order');
      const { userId, key: idempotencyKey } = history;
      return inBackground(async () => {
        const response = await order.handle({ operationId: 'placeOrder', body, userId, idempotencyKey });
        history.answers.push(response.status);
      });
    }
    case 'cancel': {
      const order = await processes.of('order');
      const call = { operationId: 'cancelOrder', params: { orderId }, userId: history.userId };
      return orderId === undefined ? undefined : inBackground(() => order.handle(call));
    }
    case 'erase': {
      history.erasureId = randomUUID();
      const data = { userId: history.userId, erasureId: history.erasureId };
      const event = encodeEvent(
        { definition: erasureRequested, subject: history.userId, aggregateVersion: 1, data },
        {
          catalog: events,
          source: 'profile',
          id: randomUUID(),
          time: new Date().toISOString(),
          trace: {},
        },
      );
      messages.enqueue(event.type, JSON.stringify(event));
      return;
    }
    case 'refund-part': {
      const { rows } = await databases.payment.query<{ id: string }>({
        name: 'explore-payment',
        text: 'select id from payments where order_id = $1',
        values: [orderId ?? null],
      });
      if (!rows[0]) return;
      const payment = await processes.of('payment');
      const call = {
        operationId: 'refundPayment',
        params: { paymentId: rows[0].id },
        body: { amount: { ...price, amount: 100 }, reason: 'broken' },
        userId: world.adminId,
        idempotencyKey: randomUUID(),
      };
      return inBackground(() => payment.handle(call));
    }
    case 'approve':
    case 'refuse':
      for (const { id } of orderId === undefined ? [] : provider.book.ofOrder(orderId))
        provider.book.confirm(id, action === 'approve');
      return;
    case 'provider-voids':
    case 'provider-captures':
    case 'provider-refunds':
      for (const { id, amount } of orderId === undefined ? [] : provider.book.ofOrder(orderId)) {
        const key = `${id}:by-itself`;
        if (action === 'provider-voids') provider.book.void(key, id);
        if (action === 'provider-captures') provider.book.capture(key, id, amount);
        if (action === 'provider-refunds')
          provider.book.refund(key, id, { amount: 150, refundId: null, status: 'succeeded' });
      }
      return;
    case 'operator':
      return orderId === undefined ? undefined : world.retry(orderId);
    case 'expire-order':
      await sql('order', 'update orders set expires_at = clock_timestamp() where id = $1', orderId ?? null);
      return job('order', 'expire-orders');
    case 'expire-reservation':
      await sql(
        'inventory',
        `update reservation set expires_at = now() - interval '1 s' where order_id = $1 and state = 'held'`,
        orderId ?? null,
      );
      return job('inventory', 'expire-reservations');
    case 'restock':
      return world.restock(history.sku);
    case 'give-up':
      await sql(
        'order',
        `update orders set changed_at = changed_at - interval '25 hours' where id = $1 and due_at is not null`,
        orderId ?? null,
      );
      return;
    case 'retry':
      await world.passTime(history);
      return job('order', 'recover-orders');
    case 'recover':
      return job('order', 'recover-orders');
    case 'look-again':
      await world.passTime(history);
      return job('payment', 'payment.reconcile');
    case 'expire-stock':
      return job('inventory', 'expire-reservations');
    case 'timers':
      return processes.clock.advance(2_000);
    case 'late-call': {
      const call = processes.late.shift();
      return call && stage.start(() => void call().catch(() => undefined));
    }
    case 'late-provider':
      return provider.late.shift()?.();
    case 'webhook':
    case 'webhook-again': {
      const [told] = action === 'webhook' ? provider.webhooks.splice(0, 1) : provider.webhooks;
      if (!told) return;
      const body = Buffer.from(JSON.stringify(told));
      const payment = await processes.of('payment');
      const headers = { 'webhook-signature': signWebhook(body, webhookSecret, processes.clock.now()) };
      const call = { operationId: 'receivePaymentWebhook', params: { provider: 'simulated' }, headers, body };
      // The provider tells it again until it is heard.
      return inBackground(() =>
        payment.handle(call).catch((error: unknown) => {
          if (action === 'webhook') provider.webhooks.push(told);
          throw error;
        }),
      );
    }
    case 'deliver': {
      const message = messages.queued.shift();
      return message && inBackground(() => world.deliver(message));
    }
    case 'deliver-again': {
      const message = messages.handled.shift();
      return message && inBackground(() => world.deliver(message));
    }
    default:
      await messages.relay(action.slice('relay '.length) as Explored);
  }
}
