import type { BrokerAdmin } from '../broker-admin';
import type { BrokerDefinitions } from './broker-definitions';

/**
 * Gives a broker everything that definitions name, through its management API. May be repeated.
 * @throws Error when the broker refuses, or holds a queue of the name with other arguments, which nobody can change
 */
export async function provisionBroker(admin: BrokerAdmin, definitions: BrokerDefinitions): Promise<void> {
  const { vhosts, ...rest } = definitions;
  const existing = new Set(await admin.vhosts());
  // Importing one that is there would take away what others said of it, such as its default queue type.
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
