import type { Invariant, Offence } from '../invariant';

export const queuesAreEmpty: Invariant = {
  name: 'queues-are-empty',
  sentence: 'No message waits to be handled, or to be tried again.',
  async check(shop) {
    const queues = await shop.queues();
    const offences: Offence[] = queues
      .filter(({ messages }) => messages > 0)
      .map(({ queue, messages }) => ({ subject: queue, problem: `holds ${messages} messages` }));
    return { examined: queues.length, offences };
  },
};
