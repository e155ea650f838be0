import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';

/** The outbox of a service, without a relay that would be told of what it takes. */
export const createQuietOutbox = (source: ServiceName): Outbox =>
  createOutbox({ catalog: events, source, clock: systemClock, ids: randomIds, wake: () => undefined });
