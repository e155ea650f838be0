import { defineEvent, defineSubscription, type EventDefinition } from '@bulkhead/contracts/event';
import { z } from 'zod';

/** A small shop for tests: one event with two consumer groups, another with none. */
export const placed = defineEvent({
  type: 'order.placed.v1',
  source: 'order',
  description: 'An order was placed',
  data: z.object({ number: z.int(), note: z.string().optional() }),
});

export const archived = defineEvent({
  type: 'order.archived.v1',
  source: 'order',
  description: 'An order was archived; nobody cares',
  data: z.object({ number: z.int() }),
});

export const mails = defineSubscription({
  group: 'notification.mails',
  service: 'notification',
  events: [placed],
});
export const index = defineSubscription({ group: 'search.index', service: 'search', events: [placed] });

export const catalog: ReadonlyMap<string, EventDefinition> = new Map<string, EventDefinition>([
  [placed.type, placed],
  [archived.type, archived],
]);
export const subscriptions = [mails, index] as const;
