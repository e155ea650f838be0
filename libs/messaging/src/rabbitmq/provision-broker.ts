import type { BrokerAdmin } from '../broker-admin';
import type { BrokerDefinitions } from './broker-definitions';

/**
 * Creates everything in the definitions on a broker, through its management API. Idempotent.
 * @throws Error when the broker refuses, or has a queue of that name with other arguments, which cannot be changed
 */
export async function provisionBroker(admin: BrokerAdmin, definitions: BrokerDefinitions): Promise<void> {
  const { vhosts, ...rest } = definitions;
  const existing = new Set(await admin.vhosts());
  // Importing an existing one would reset other settings, such as its default queue type.
  for (const { name } of vhosts) if (!existing.has(name)) await admin.createVhost(name);
  await admin.importAll(rest);
  for (const { name } of vhosts) await compareQueues(admin, name, definitions);
}

async function compareQueues(admin: BrokerAdmin, vhost: string, { queues }: BrokerDefinitions) {
  const found = new Map((await admin.queues(vhost)).map((queue) => [queue.name, queue.arguments]));
  for (const queue of queues) {
    const other = found.get(queue.name) as Readonly<Record<string, unknown>> | undefined;
    const differing = Object.entries(queue.arguments).filter(([key, value]) => other?.[key] !== value);
    if (differing.length > 0)
      throw new Error(
        `the queue ${queue.name} on the virtual host ${vhost} ${other ? 'was declared with other arguments' : 'is missing'} (expected ${differing.map(([key, value]) => `${key} ${String(value)}`).join(', ')}); drain and delete it, then run this again`,
      );
  }
}
