import type { DataOf, EventDefinition } from '@bulkhead/contracts/event';
import { PoisonMessage, type Subscription } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import { askPeer } from './ask-peer';
import type { CallContext } from './operation';

export interface Question<D extends EventDefinition> {
  /** The event that needs to be confirmed; others of the subscription are handled without it. */
  readonly event: D;
  /** The service that owns the fact. */
  readonly owner: string;
  readonly clock: Clock;
  /** Asks the owner. @returns why the event is not true, `code: sentence`; undefined if it is */
  readonly refute: (data: DataOf<D>, context: CallContext) => Promise<string | undefined>;
}

/**
 * Asks the owner of an event's data to confirm it before it is handled: for effects that cannot be undone, as an event
 * does not prove who sent it. While the owner is unavailable the consumer waits. A refuted event becomes a dead letter
 * with that reason, and has no effect.
 */
export const confirmWithOwner = <D extends EventDefinition>(
  subscription: Subscription,
  { event: definition, owner, clock, refute }: Question<D>,
): Subscription => ({
  ...subscription,
  async confirm(event) {
    if (event.type !== definition.type) return;
    const reason = await askPeer(owner, { clock, requestId: event.id }, (context) =>
      refute(event.data as DataOf<D>, context),
    );
    if (reason !== undefined) throw new PoisonMessage(reason);
  },
});
