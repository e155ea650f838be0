import type { Invariant, Offence } from '../invariant';

export const noDeadLetters: Invariant = {
  name: 'no-dead-letters',
  sentence:
    'Nothing was given up on: no dead letter but those that were expected, and no parked row in an outbox.',
  async check(shop) {
    const dead = (await shop.deadLetters()).filter(({ messageId }) => !shop.explained.has(messageId));
    const offences: Offence[] = dead.map(({ group, messageId, type, attempts, reason }) => ({
      subject: messageId,
      problem: `${type} is a dead letter of ${group} after ${attempts} attempts: ${reason}`,
    }));
    for (const service of shop.services) {
      const parked = await shop.ask<{ id: string; type: string; reason: string }>(
        service,
        'select id::text, type, parked_reason as reason from outbox where parked_at is not null',
      );
      for (const { id, type, reason } of parked)
        offences.push({ subject: id, problem: `${type} is parked in the outbox of ${service}: ${reason}` });
    }
    return { examined: dead.length + shop.services.length, offences };
  },
};
