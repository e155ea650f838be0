import type { DataOf } from '@bulkhead/contracts/event';
import { profileInternal } from '@bulkhead/contracts/profile/api';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { PoisonMessage, type Subscription } from '@bulkhead/messaging/subscription';
import { askPeer } from '../http/ask-peer';
import type { Dependencies } from '../service';

/**
 * Has a service ask profile whether an erasure was really requested, before it erases: an erasure cannot be undone, and
 * an event does not prove who sent it. While profile is unavailable the consumer waits. An erasure that profile does not
 * know becomes a dead letter, `not-requested`, and nothing is erased.
 */
export function confirmErasure(
  subscription: Subscription,
  { peer, clock }: Pick<Dependencies, 'peer' | 'clock'>,
): Subscription {
  const profile = peer('profile', { erasure: profileInternal.erasure });
  return {
    ...subscription,
    async confirm(event) {
      if (event.type !== erasureRequested.type) return;
      const { userId, erasureId } = event.data as DataOf<typeof erasureRequested>;
      const { body } = await askPeer('profile', { clock, requestId: event.id }, (context) =>
        profile.erasure({ params: { userId } }, context),
      );
      if (body.erasureId !== erasureId)
        throw new PoisonMessage('not-requested: profile knows of no such erasure; nothing was erased');
    },
  };
}
