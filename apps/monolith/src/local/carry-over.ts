import type { CloudEvent } from '@bulkhead/contracts/event';
import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { withClient } from '@bulkhead/database/admin-client';
import { decodeEvent } from '@bulkhead/messaging/event-codec';
import { PoisonMessage } from '@bulkhead/messaging/subscription';
import type { LocalDatabase } from './databases';

type Databases = ReadonlyMap<ServiceName, Pick<LocalDatabase, 'nearUrl'>>;

interface Waiting {
  readonly position: string;
  readonly body: string;
}

const batch = 100;

// Ordered by the column: its text sorts differently.
const waiting = `select position::text, body from delivery
  where position > $1 order by delivery.position limit ${batch}`;

/** Unchanged, with their original ids; only once, in case an earlier run was interrupted. */
const sendAgain = `insert into outbox (id, type, subject, payload)
  select (event->>'id')::uuid, event->>'type', event->>'subject', event
  from jsonb_array_elements($1::jsonb) with ordinality as given (event, place)
  where not exists (select from outbox where id = (event->>'id')::uuid and sent_at is null)
  order by place`;

const forget = 'delete from delivery where position = any ($1::bigint[])';

/**
 * Resends events that wait in the queues of a shop that ran as one process: these queues are only read in process, so
 * the events would wait until it runs like that again. Each event goes into the outbox of its sender; a consumer that
 * has handled it recognises it by its inbox. Must be called before the services start.
 * @returns how many
 */
export async function carryOver(databases: Databases): Promise<number> {
  let count = 0;
  for (const { nearUrl } of databases.values())
    await withClient(nearUrl, async (reader) => {
      for (let position = '0'; ;) {
        const { rows } = await reader.query<Waiting>(waiting, [position]);
        const carried = await sendFromSenders(rows, databases);
        await reader.query(forget, [carried]);
        count += carried.length;
        if (rows.length < batch) return;
        position = rows.at(-1)!.position;
      }
    });
  return count;
}

/**
 * @returns the positions of those written to an outbox; the others cannot be handled by any service and stay in the
 *   queue
 */
async function sendFromSenders(rows: readonly Waiting[], databases: Databases): Promise<string[]> {
  const read = rows.map(({ position, body }) => ({ position, body, event: eventIn(body) }));
  const carried: string[] = [];
  for (const [sender, { nearUrl }] of databases) {
    const own = read.filter(({ event }) => event && events.get(event.type)?.source === sender);
    if (own.length === 0) continue;
    const bodies = new Map(own.map(({ event, body }) => [event!.id, body]));
    await withClient(nearUrl, (client) => client.query(sendAgain, [`[${[...bodies.values()].join(',')}]`]));
    carried.push(...own.map(({ position }) => position));
  }
  return carried;
}

/** @returns undefined for anything but an event of the contracts */
function eventIn(body: string): CloudEvent | undefined {
  try {
    return decodeEvent(Buffer.from(body), events);
  } catch (error) {
    if (error instanceof PoisonMessage) return undefined;
    throw error;
  }
}
