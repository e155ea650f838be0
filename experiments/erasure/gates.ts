import type { CrashPointName } from '@bulkhead/app/payment/src/payments/crash-point';
import type { ServiceDefinition } from '@bulkhead/service/service';

/** Where a call is held: on its way to the service, or on the way back, when it has had its effect. */
export type Side = 'before' | 'after';

/**
 * Holds calls of services to each other. What is held is the first call of an operation for an order, so that whoever
 * tries again comes through, as after a broken connection.
 */
export function createGates() {
  const seen = new Set<string>();
  const held: (() => void)[] = [];
  let wanted: { readonly operationId: string; readonly side: Side } | undefined;

  const pass = (operationId: string, side: Side, orderId: string | undefined): Promise<void> => {
    if (orderId === undefined || wanted?.operationId !== operationId || wanted.side !== side)
      return Promise.resolve();
    const call = `${operationId} ${orderId}`;
    if (seen.has(call)) return Promise.resolve();
    seen.add(call);
    return new Promise((resolve) => held.push(resolve));
  };

  return {
    /** Holds that operation from now on; nothing without one. */
    hold: (operationId?: string, side: Side = 'before') =>
      void (wanted = operationId === undefined ? undefined : { operationId, side }),
    /** In payment, where the provider has answered and nothing is recorded yet. */
    afterProvider: (name: CrashPointName): Promise<void> => pass(name, 'before', 'any'),
    /** Calls that are held. */
    count: () => held.length,
    /** Lets all go that is held, and holds nothing any more. */
    open() {
      wanted = undefined;
      for (const release of held.splice(0)) release();
    },
    /** The service with all of its operations behind the gates. */
    guard: (definition: ServiceDefinition): ServiceDefinition => ({
      ...definition,
      async create(dependencies) {
        const service = await definition.create(dependencies);
        const operations = service.operations.map((operation) => ({
          ...operation,
          handle: async (...[request, context]: Parameters<typeof operation.handle>) => {
            const { operationId } = operation.endpoint;
            const orderId = (request.params as { orderId?: string } | undefined)?.orderId;
            await pass(operationId, 'before', orderId);
            const response = await operation.handle(request, context);
            await pass(operationId, 'after', orderId);
            return response;
          },
        }));
        return { ...service, operations };
      },
    }),
  };
}

export type Gates = ReturnType<typeof createGates>;
