import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { createOutboxTable } from '@bulkhead/messaging/outbox-table';
import { type Explored, explored } from './databases';
import type { Process } from './processes';

/** An event in the queue of a group. */
export interface Message {
  readonly group: string;
  readonly service: Explored;
  readonly type: string;
  readonly body: Buffer;
}

const groups = Object.values(subscriptions).filter(({ service }) =>
  explored.some((each) => each === service),
);

/**
 * Carries events from outboxes to queues and from there to consumers, in any order and as often as anybody likes: what a
 * broker may do at worst.
 */
export function createMessages(
  databases: Readonly<Record<Explored, PooledDatabase>>,
  onDead: (what: string) => void,
) {
  const queued: Message[] = [];
  /** Handled before; may come again. */
  const handled: Message[] = [];
  const dirty = new Set<Explored>();

  const enqueue = (type: string, payload: string) => {
    for (const { group, service, events } of groups)
      if (events.some((event) => event.type === type))
        queued.push({ group, service: service as Explored, type, body: Buffer.from(payload) });
  };

  return {
    queued,
    handled,
    enqueue,
    /** Services in whose outbox something may wait. */
    dirty,
    /** Sends what waits in the outbox of a service; the relay has its own tests, so that it is no act here. */
    async relay(service: Explored): Promise<number> {
      dirty.delete(service);
      const table = createOutboxTable(databases[service]);
      const rows = await table.claim(100, 60_000);
      for (const { type, payload } of rows) enqueue(type, payload);
      await table.markSent(rows.map(({ position }) => position));
      return rows.length;
    },
    /** Has a message handled; it stays in the queue unless that went well. */
    async deliver(message: Message, process: Process): Promise<void> {
      const outcome = await process.consume(message.group, message.body);
      if (outcome.kind === 'dead') onDead(`${message.type} is a dead letter of ${message.group}`);
      if (outcome.kind === 'retry' || outcome.kind === 'pause') return void queued.push(message);
      handled.push(message);
    },
    clear() {
      queued.length = 0;
      handled.length = 0;
      dirty.clear();
    },
  };
}

export type Messages = ReturnType<typeof createMessages>;
