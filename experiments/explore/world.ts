import { randomUUID } from 'node:crypto';
import { orderDatabase } from '@bulkhead/app/order/src/database';
import { runOrdersCommand } from '@bulkhead/app/order/src/operator/orders-command';
import { createSagaStore } from '@bulkhead/app/order/src/saga/saga-store';
import { events } from '@bulkhead/contracts/events';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import type { CaptureKey } from '@bulkhead/app/payment/src/payments/operations';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import { ProblemError } from '@bulkhead/service/errors';
import type { Choices } from './choices';
import { createDatabases, type Explored, explored } from './databases';
import type { History } from './history';
import { createMessages, type Message } from './messages';
import { createProcesses, type Process } from './processes';
import { createExploredProvider } from './provider';
import { createStage } from './stage';
import type { StatementWatch } from './watched-database';

/** A mistake that is put in on purpose, to see whether it is found. */
export interface PlantedFault {
  /** Replaces statements of a service. */
  readonly alter?: (service: Explored) => StatementWatch;
  readonly captureKey?: CaptureKey;
}

const untouched: StatementWatch = (statement) => statement;

/** Order, payment, inventory and notification with databases of their own, in which one history after the other is played. */
export async function createWorld(root: string, fault: PlantedFault = {}) {
  const databases = await createDatabases(root);
  const stage = createStage(() => new DatabaseUnavailable('injected'));
  const provider = createExploredProvider();
  const problems: string[] = [];
  /** Moves of orders and payments that were made, `service from to`. */
  const moves = new Set<string>();
  let history: History | undefined;
  let choices: Choices | undefined;
  const messages = createMessages(databases.of, (what) => problems.push(what));

  const watch = (service: Explored): StatementWatch => {
    const alter = fault.alter?.(service) ?? untouched;
    return (statement) => {
      const values = statement.values ?? [];
      if (statement.name === 'order-place') history?.orderIds.push(...(values[4] as string[]));
      if (statement.name === 'order-transition')
        for (const [index, from] of (values[2] as string[]).entries())
          moves.add(`order ${from} ${(values[3] as string[])[index]}`);
      if (statement.name === 'payment-move')
        for (const [index, from] of (values[1] as string[]).entries())
          moves.add(`payment ${from} ${(values[4] as string[])[index]}`);
      if (statement.name === 'payment-begin')
        for (const to of values[1] as string[]) moves.add(`payment authorised ${to}`);
      return alter(statement);
    };
  };
  /** Most calls are well; what goes wrong counts among the faults of the history. */
  const draw = <W>(weathers: readonly [W, ...W[]]): W => {
    if (!choices || !history || history.faultsLeft === 0 || choices.choose(6) !== 5) return weathers[0];
    history.faultsLeft -= 1;
    const drawn = choices.pick(weathers);
    history.log.push(`    (${String(drawn)})`);
    return drawn;
  };
  const processes = createProcesses({
    databases: databases.of,
    stage,
    provider,
    watch,
    ...(fault.captureKey && { captureKey: fault.captureKey }),
    onWake: (service) => messages.dirty.add(service),
    weather: () => draw(['fine', 'not-sent', 'lost', 'given-up', 'late']),
    providerWeather: () => draw(['fine', 'not-sent', 'lost', 'answer-lost', 'late']),
    erasureOf: (userId) => (history?.userId === userId ? (history.erasureId ?? null) : null),
    onImpossible: (what) => problems.push(what),
  });
  for (const service of explored) await processes.start(service);
  const jobs = new Map<string, Process>();
  const inHand = new Map<Message, Process>();
  const adminId = randomUUID();
  const { order, payment, inventory } = databases.of;

  return {
    databases: databases.of,
    stage,
    provider,
    messages,
    processes,
    problems,
    moves,
    /** Jobs that run. */
    jobs,
    adminId,

    async prepare(next: History, tape: Choices): Promise<void> {
      [history, choices] = [next, tape];
      problems.length = 0;
      messages.clear();
      inHand.clear();
      provider.webhooks.length = 0;
      provider.mischief.refusesRefunds = next.setting.refusesRefunds;
      const stock = next.setting.stock;
      await inventory.query({
        name: 'explore-stock',
        text: 'insert into stock (sku, on_hand) values ($1, $2)',
        values: [next.sku, stock],
      });
      if (stock > 0) await this.journal(next.sku, stock);
    },
    /** From now on all goes well. */
    calm(): void {
      choices = undefined;
      provider.mischief.refusesRefunds = history?.setting.refusesRefunds ?? false;
    },
    journal: (sku: string, delta: number) =>
      inventory.query({
        name: 'explore-movement',
        text: `insert into movement (id, sku, delta, reason, after_on_hand, after_reserved, after_sold, after_version)
          values (gen_random_uuid(), $1, $2, 'explored', 0, 0, 0, 1)`,
        values: [sku, delta],
      }),
    async restock(sku: string): Promise<void> {
      await inventory.query({
        name: 'explore-restock',
        text: 'update stock set on_hand = on_hand + 1, version = version + 1 where sku = $1',
        values: [sku],
      });
      await this.journal(sku, 1);
    },
    /** Lets all leases and pauses run out, also of those who are still at work. */
    async passTime({ orderIds }: History): Promise<void> {
      await order.query({
        name: 'explore-order-due',
        text: `update orders set due_at = clock_timestamp() where id = any ($1::uuid[]) and due_at is not null`,
        values: [orderIds],
      });
      await payment.query({
        name: 'explore-payment-due',
        text: `update payments set due_at = case when due_at is not null then now() end,
            leased_until = now() - interval '1 s'
          where order_id = any ($1::uuid[]) and (due_at is not null or lease is not null)`,
        values: [orderIds],
      });
      await order.query({
        name: 'explore-key-lease',
        text: `update idempotency_key set lease_until = now() where order_id = any ($1::uuid[])`,
        values: [orderIds],
      });
    },
    async deliver(message: Message): Promise<void> {
      const process = await processes.of(message.service);
      inHand.set(message, process);
      await messages.deliver(message, process).finally(() => inHand.delete(message));
    },
    /** Starts again what has died; what a consumer had in hand is back in its queue. */
    async revive(): Promise<void> {
      for (const [message, { isDead }] of inHand) {
        if (!isDead) continue;
        inHand.delete(message);
        messages.queued.push(message);
      }
      await processes.revive();
    },
    /** An operator has an order go on, if it needs attention. */
    async retry(orderId: string): Promise<void> {
      const outbox = createOutbox({ catalog: events, source: 'order', clock, ids, wake: () => undefined });
      const store = createSagaStore(outbox, () => 0);
      const saga = await store.read(order, orderId);
      if (saga?.state !== 'needs_attention') return;
      await runOrdersCommand(['retry', orderId], {
        database: orderDatabase(order),
        store,
        print: () => undefined,
      });
      messages.dirty.add('order');
    },
    /** A request or a job failed, as they may; but not by a mistake of ours. */
    failed(error: unknown): void {
      if (error instanceof ProblemError || error instanceof DatabaseUnavailable) return;
      problems.push(`unexpected: ${String(error)}`);
    },
    async close(): Promise<void> {
      for (const process of processes.all()) process.die();
      await processes.close();
      await databases.drop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
