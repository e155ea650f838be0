import type { Invariant, Offence } from '../invariant';

export const outboxesAreEmpty: Invariant = {
  name: 'outboxes-are-empty',
  sentence:
    'The age of the oldest unsent event is zero again in every service, and every event there was is marked sent.',
  async check(shop) {
    let examined = 0;
    const offences: Offence[] = [];
    for (const service of shop.services) {
      const [row] = await shop.ask<{ kept: number; unsent: number; ageSeconds: number }>(
        service,
        `select count(*)::int as kept, (count(*) filter (where sent_at is null and parked_at is null))::int as unsent,
          coalesce(extract(epoch from clock_timestamp() -
            min(created_at) filter (where sent_at is null and parked_at is null)), 0)::float8 as "ageSeconds"
        from outbox`,
      );
      examined += row!.kept;
      if (row!.unsent > 0)
        offences.push({
          subject: service,
          problem: `${row!.unsent} events are unsent, the oldest for ${row!.ageSeconds.toFixed(1)} s`,
        });
    }
    return { examined, offences };
  },
};
