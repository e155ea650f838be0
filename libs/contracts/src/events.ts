import * as auth from './auth/events';
import type { EventDefinition } from './event';
import * as inventory from './inventory/events';
import * as order from './order/events';
import * as payment from './payment/events';
import * as product from './product/events';
import { erased } from './profile/erased';
import * as profile from './profile/events';

/** Every event of the shop, by type. */
export const events: ReadonlyMap<string, EventDefinition> = new Map(
  [auth, profile, erased, product, inventory, order, payment]
    .flatMap((module) => Object.values<EventDefinition>(module))
    .map((definition) => [definition.type, definition]),
);
