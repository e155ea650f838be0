import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Invariant, Offence } from '../invariant';
import type { ShopView } from '../shop-view';

export const eventsReachTheirGroups: Invariant = {
  name: 'events-reach-their-groups',
  sentence:
    'Every committed event was handled by every group that hears it. (Not twice: the inbox has it once, in the transaction of its effect.)',
  async check(shop) {
    const sent = new Map<ServiceName, Promise<Map<string, string[]>>>();
    const eventsOf = (service: ServiceName) => {
      const known = sent.get(service) ?? readEvents(shop, service);
      sent.set(service, known);
      return known;
    };
    let examined = 0;
    const offences: Offence[] = [];
    for (const { group, service, events } of Object.values(subscriptions)) {
      if (!shop.services.includes(service)) continue;
      const handled = await readHandled(shop, service, group);
      for (const { source, type } of events) {
        if (!shop.services.includes(source)) continue;
        const ids = (await eventsOf(source)).get(type) ?? [];
        examined += ids.length;
        for (const id of ids)
          if (!handled.has(id) && !shop.explained.has(id))
            offences.push({
              subject: id,
              problem: `${type} was committed by ${source} and never handled by ${group}`,
            });
      }
    }
    return { examined, offences };
  },
};

/** The outbox keeps what was sent for 24 h. */
async function readEvents(shop: ShopView, service: ServiceName): Promise<Map<string, string[]>> {
  const rows = await shop.ask<{ type: string; ids: string[] }>(
    service,
    'select type, array_agg(id::text) as ids from outbox group by type',
  );
  return new Map(rows.map(({ type, ids }) => [type, ids]));
}

async function readHandled(shop: ShopView, service: ServiceName, group: string): Promise<Set<string>> {
  const rows = await shop.ask<{ id: string }>(
    service,
    'select event_id::text as id from inbox where consumer_group = $1',
    [group],
  );
  return new Set(rows.map(({ id }) => id));
}
