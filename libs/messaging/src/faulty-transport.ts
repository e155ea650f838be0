import type { Faults } from '@bulkhead/resilience/faults';
import type { Subscription } from './subscription';
import type { Transport } from './transport';

/**
 * Lets faults strike at the broker as `service` sees it: at `service.publish`, where failing means that the broker is
 * away and a lost answer that its confirm is; and at `service.consume`, where whatever strikes only holds messages up.
 */
export function withBrokerFaults(service: string, transport: Transport, faults: Faults): Transport {
  if (!faults.enabled) return transport;
  return {
    ...transport,
    publish: (rows) =>
      faults
        .around({ kind: 'broker', name: `${service}.publish` }, () => transport.publish(rows))
        .catch(() => rows.map(() => ({ kind: 'unavailable' as const }))),
    source: (definition, options) =>
      transport.source(definition, {
        ...options,
        onMessage: (held) =>
          void faults
            .around({ kind: 'broker', name: `${service}.consume` }, async () => undefined)
            .catch(() => undefined)
            .then(() => options.onMessage(held)),
      }),
  };
}

/** Lets faults strike at the handling of events, as `group.type`; failing there is the handler's failing. */
export function withConsumerFaults(
  subscriptions: readonly Subscription[],
  faults: Faults,
): readonly Subscription[] {
  if (!faults.enabled) return subscriptions;
  return subscriptions.map((subscription) => ({
    ...subscription,
    handle: (event, context) =>
      faults.around(
        { kind: 'consumer', name: `${subscription.definition.group}.${event.type}` },
        async () => subscription.handle(event, context),
        context.signal,
      ),
  }));
}
