import type { DataOf, EventDefinition } from '@bulkhead/contracts/event';
import { PoisonMessage, type Subscription } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import { askPeer } from './ask-peer';
import type { CallContext } from './operation';

export interface Question<D extends EventDefinition> {
  /** The event whose word alone is not taken; others of the subscription are handled without a question. */
  readonly event: D;
  /** The service that knows. */
  readonly owner: string;
  readonly clock: Clock;
  /** Asks the owner. @returns why the event is not true, `code: sentence`; undefined where it is */
  readonly refute: (data: DataOf<D>, context: CallContext) => Promise<string | undefined>;
}

/**
 * Has the owner of what an event tells of asked whether it is true, before it is handled: for what cannot be undone, as an
 * event does not prove who sent it. While the owner is unavailable the consumer waits. What it refutes becomes a dead
 * letter with that reason, and nothing is done.
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
