import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { DependencyUnavailable, subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from '@bulkhead/resilience/errors';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { PeerProblem, PeerUnavailable } from '@bulkhead/service/errors';
import type { ProfileService } from '../profile-service';
import { createProfile } from '../profiles/create-profile';

const askAuthMs = 3_000;

/** Makes the profile of whoever registers. While auth is away, the consumer waits for it. */
export const userRegisteredSubscription = (service: ProfileService): Subscription =>
  subscribe(subscriptions.profileUsers, async ({ id, data }, { tx }) => {
    const context = { requestId: id, deadline: deadlineAfter(service.clock, askAuthMs) };
    try {
      await createProfile(service, tx, data.userId, context);
    } catch (error) {
      if (isAway(error)) throw new DependencyUnavailable('auth', { cause: error });
      throw error;
    }
  });

const isAway = (error: unknown): boolean =>
  error instanceof PeerUnavailable ||
  error instanceof BreakerOpen ||
  error instanceof BulkheadFull ||
  error instanceof DeadlineExceeded ||
  error instanceof AttemptTimeout ||
  (error instanceof PeerProblem && [502, 503, 504].includes(error.status));
