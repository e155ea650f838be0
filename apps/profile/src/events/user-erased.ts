import { erased } from '@bulkhead/contracts/profile/erased';
import { erasingServices } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import type { ProfileDatabase } from '../database';
import { recordResponse } from '../erasure/record-response';

/** Records which services have erased a person. */
export const userErasedSubscription = (database: ProfileDatabase): Subscription =>
  subscribe(subscriptions.profileErasure, ({ type, data }, { tx }) => {
    const service = erasingServices.find((name) => erased[name].type === type);
    if (!service) throw new Error(`no service answers with ${type}`);
    return database.join(tx, (joined) => recordResponse(joined, data, service));
  });
