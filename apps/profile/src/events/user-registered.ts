import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { askPeer } from '@bulkhead/service/http/ask-peer';
import type { ProfileService } from '../profile-service';
import { createProfile } from '../profiles/create-profile';

/** Creates the profile of a new user. While auth is unavailable, the consumer waits for it. */
export const userRegisteredSubscription = (service: ProfileService): Subscription =>
  subscribe(subscriptions.profileUsers, async ({ id, data }, { tx }) => {
    await askPeer('auth', { clock: service.clock, requestId: id }, (context) =>
      createProfile(service, tx, data.userId, context),
    );
  });
