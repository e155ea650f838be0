import type { Fate, Outgoing, Publisher } from './publisher';
import type { Names } from './topology';

/** Publishes a message to one of the queues of its own group. */
export type PutBack = (
  group: string,
  queue: string,
  body: Buffer,
  properties: Outgoing['properties'],
) => Promise<Fate>;

/**
 * Puts messages back through the group's own exchange. If that does not exist, or this user may not use it, the default
 * exchange is still used: the topology or the users are of the previous release. That ends with the next release (see
 * broker-permissions.ts), after which nobody may publish to the default exchange.
 */
export function createPutBack({
  publish,
  names,
}: {
  readonly publish: Publisher['publish'];
  readonly names: Names;
}): PutBack {
  /** A refused exchange is not tried for each message: each refusal costs a channel. */
  const closed = new Set<string>();
  return async (group, queue, body, properties) => {
    const message = { routingKey: queue, body, mandatory: true, properties };
    if (!closed.has(group)) {
      const fate = await publish({ ...message, exchange: names.backExchange(group) });
      if (fate.kind !== 'refused' && fate.kind !== 'unroutable') return fate;
      if (fate.kind === 'refused') closed.add(group);
    }
    const fate = await publish({ ...message, exchange: '' });
    if (fate.kind === 'refused') closed.delete(group);
    return fate;
  };
}
