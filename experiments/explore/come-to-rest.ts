import { isFinal, isForward, type State } from '@bulkhead/app/order/src/saga/states';
import { explored } from './databases';
import { type History, isRefusedForGood } from './history';
import { begin, release } from './play';
import type { World } from './world';

/** More rounds than any order needs once all is well. */
const maxRounds = 16;
const roundOfLastResort = 2;

/**
 * Lets all be well and everything arrive, until nothing happens any more. An order that waits for its buyer expires; one
 * that needs attention is tried again by an operator.
 */
export async function comeToRest(world: World, history: History): Promise<void> {
  world.calm();
  history.faultsLeft = 0;
  history.log.push('— all is well from now on');
  for (const service of explored) world.messages.dirty.add(service);
  await runOut(world, history);
  for (let round = 0; round < maxRounds; round++) {
    await carry(world, history);
    for (const job of ['expire-stock', 'look-again', 'retry'] as const) {
      await begin(world, history, job);
      await runOut(world, history);
    }
    await carry(world, history);
    const orders = await ordersOf(world, history);
    const haveEnded = orders.every(
      ({ state, reason }) => isFinal(state) || isRefusedForGood(history, reason),
    );
    if (haveEnded && !(await hasPaymentsDue(world, history))) break;
    if (round >= roundOfLastResort) await lastResort(world, history, orders);
  }
  if (history.erasureId !== undefined) await sweepErased(world, history);
  // Nobody waits for anything any more.
  await world.processes.clock.advance(60_000);
  await runOut(world, history);
}

async function sweepErased(world: World, history: History): Promise<void> {
  for (const [service, name] of [
    ['order', 'sweep-erased-users'],
    ['payment', 'payment.sweep-erased-users'],
  ] as const) {
    const process = await world.processes.of(service);
    await world.stage.start(() => void process.runJob(name).catch((error: unknown) => world.failed(error)));
    await runOut(world, history);
    // As a day later, so that the next sweep does not look for them.
    await world.databases[service].query({ name: 'explore-day-over', text: 'delete from erased_user' });
  }
}

/** Makes what waits, oldest first, until nothing does. */
async function runOut(world: World, history: History): Promise<void> {
  for (let made = 0; ; made++) {
    const [act] = world.stage.waiting();
    if (!act) return;
    if (made > 2_000) throw new Error(`it never comes to rest: ${act.what}`);
    history.log.push(act.what);
    await release(world, history, act, 'fine');
  }
}

/** Everything that is on its way arrives. */
async function carry(world: World, history: History): Promise<void> {
  const { processes, provider, messages } = world;
  for (let turn = 0; turn < 20; turn++) {
    for (const service of [...messages.dirty]) await messages.relay(service);
    const arriving = [
      ...processes.late.map(() => 'late-call' as const),
      ...provider.late.map(() => 'late-provider' as const),
      ...provider.webhooks.map(() => 'webhook' as const),
      ...messages.queued.map(() => 'deliver' as const),
    ];
    if (arriving.length === 0) return;
    for (const each of arriving) {
      await begin(world, history, each);
      await runOut(world, history);
    }
  }
}

interface Standing {
  readonly id: string;
  readonly state: State;
  readonly reason: string | null;
}

async function ordersOf(world: World, { orderIds }: History): Promise<Standing[]> {
  const { rows } = await world.databases.order.query<Standing>({
    name: 'explore-states',
    text: 'select id, state, reason from orders where id = any ($1::uuid[])',
    values: [orderIds],
  });
  return rows;
}

async function hasPaymentsDue(world: World, { orderIds }: History): Promise<boolean> {
  const { rowCount } = await world.databases.payment.query({
    name: 'explore-due',
    text: 'select from payments where order_id = any ($1::uuid[]) and (due_at is not null or lease is not null)',
    values: [orderIds],
  });
  return rowCount > 0;
}

/** The buyer does not come back from the bank, and an operator looks. */
async function lastResort(world: World, history: History, orders: readonly Standing[]): Promise<void> {
  if (orders.some(({ state }) => isForward(state))) await begin(world, history, 'expire-order');
  for (const order of orders.filter(({ state }) => state === 'needs_attention')) {
    if (isRefusedForGood(history, order.reason)) continue;
    history.log.push('— an operator tries again');
    await world.retry(order.id);
  }
}
