import { randomUUID } from 'node:crypto';
import type { DataOf, EventDefinition } from '@bulkhead/contracts/event';
import { events } from '@bulkhead/contracts/events';
import type { Queryable } from '@bulkhead/database/database';
import { encodeEvent } from '@bulkhead/messaging/event-codec';

/**
 * Puts an event of another service into the queue of a consumer group, as the in-process transport does.
 * @returns its id, with which it may be delivered again
 */
export async function deliverEvent<D extends EventDefinition>(
  db: Queryable,
  group: string,
  definition: D,
  data: DataOf<D>,
  {
    id = randomUUID(),
    aggregateVersion = 1,
  }: { readonly id?: string; readonly aggregateVersion?: number } = {},
): Promise<string> {
  const event = encodeEvent(
    { definition, subject: randomUUID(), aggregateVersion, data },
    { catalog: events, source: definition.source, id, time: new Date().toISOString(), trace: {} },
  );
  await db.query({
    text: 'insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, $3, $4)',
    values: [group, randomUUID(), definition.type, JSON.stringify(event)],
  });
  return id;
}
