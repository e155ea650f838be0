import { profileInternal } from '@bulkhead/contracts/profile/api';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import type { Subscription } from '@bulkhead/messaging/subscription';
import { confirmWithOwner } from '../http/confirm-with-owner';
import type { Dependencies } from '../service';

/**
 * Makes a service ask profile whether an erasure was really requested before it erases: an erasure cannot be undone.
 */
export function confirmErasure(
  subscription: Subscription,
  { peer, clock }: Pick<Dependencies, 'peer' | 'clock'>,
): Subscription {
  const profile = peer('profile', { erasure: profileInternal.erasure });
  return confirmWithOwner(subscription, {
    event: erasureRequested,
    owner: 'profile',
    clock,
    async refute({ userId, erasureId }, context) {
      const { body } = await profile.erasure({ params: { userId } }, context);
      if (body.erasureId === erasureId) return undefined;
      return 'not-requested: profile knows of no such erasure; nothing was erased';
    },
  });
}
