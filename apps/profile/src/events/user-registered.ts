import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { askPeer } from '@bulkhead/service/http/ask-peer';
import type { ProfileService } from '../profile-service';
import { createProfile } from '../profiles/create-profile';

/** Makes the profile of whoever registers. While auth is away, the consumer waits for it. */
export const userRegisteredSubscription = (service: ProfileService): Subscription =>
  subscribe(subscriptions.profileUsers, async ({ id, data }, { tx }) => {
    await askPeer('auth', { clock: service.clock, requestId: id }, (context) =>
      createProfile(service, tx, data.userId, context),
    );
  });
