import type { Faults } from '@bulkhead/resilience/faults';
import type { Subscription } from './subscription';
import type { Transport } from './transport';

/**
 * Injects faults into the transport as `service` sees it: at `service.publish`, where a failure means that the broker
 * is unavailable and a lost response that its confirm is lost; and at `service.consume`, where faults only delay
 * messages.
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

/**
 * Injects faults into the handling of events, as `group.type`; a failure counts as the handler's. For events that are
 * handled together, faults apply once per type among them.
 */
export function withConsumerFaults(
  subscriptions: readonly Subscription[],
  faults: Faults,
): readonly Subscription[] {
  if (!faults.enabled) return subscriptions;
  return subscriptions.map((subscription) => {
    const { definition, handle, handleAll } = subscription;
    const around = (type: string, work: () => Promise<void>, signal: AbortSignal) =>
      faults.around({ kind: 'consumer', name: `${definition.group}.${type}` }, work, signal);
    return {
      ...subscription,
      handle: (event, context) => around(event.type, async () => handle(event, context), context.signal),
      ...(handleAll && {
        handleAll: (events, context) =>
          [...new Set(events.map(({ type }) => type))].reduceRight(
            (work, type) => () => around(type, work, context.signal),
            async () => handleAll(events, context),
          )(),
      }),
    };
  });
}
