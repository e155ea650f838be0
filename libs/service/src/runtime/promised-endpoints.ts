import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { Subscription } from '@bulkhead/messaging/subscription';
import type { Operation } from '../http/operation';

/** A service lacks what the contracts promise of it. */
export class PromiseBroken extends Error {
  override readonly name = 'PromiseBroken';
}

/**
 * Stops the start of a service that would answer 404 where its contract promises an endpoint.
 * @throws PromiseBroken with one sentence for each endpoint that is missing
 */
export function requirePromised(
  service: string,
  operations: readonly Operation[],
  promised: readonly Endpoint[],
): void {
  const implemented = new Set(operations.map(({ endpoint }) => endpoint.operationId));
  const missing = promised.filter(({ operationId }) => !implemented.has(operationId));
  if (missing.length === 0) return;
  throw new PromiseBroken(
    missing
      .map(
        ({ operationId, method, path }) =>
          `${service} does not implement ${operationId} (${method.toUpperCase()} ${path}), which its contract promises.`,
      )
      .join('\n'),
  );
}

/**
 * Stops the start of a service that leaves a queue of its own unread, which then only grows.
 * @param hears the consumer groups that the contracts give to it
 * @throws PromiseBroken with one sentence for each group that nothing handles
 */
export function requireSubscribed(
  service: string,
  subscriptions: readonly Subscription[],
  hears: readonly string[],
): void {
  const handled = new Set(subscriptions.map(({ definition }) => definition.group));
  const unread = hears.filter((group) => !handled.has(group));
  if (unread.length === 0) return;
  throw new PromiseBroken(
    unread
      .map(
        (group) =>
          `${service} does not handle the events of ${group}, which libs/contracts/src/subscriptions.ts sends to it.`,
      )
      .join('\n'),
  );
}
