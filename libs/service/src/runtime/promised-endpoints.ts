import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { Subscription } from '@bulkhead/messaging/subscription';
import type { Operation } from '../http/operation';

/** A service does not implement what its contracts require. */
export class PromiseBroken extends Error {
  override readonly name = 'PromiseBroken';
}

/**
 * Prevents the start of a service that would respond with a 404 to an endpoint of its contract.
 * @throws PromiseBroken with one sentence per missing endpoint
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
 * Prevents the start of a service that does not consume one of its queues, which would grow without limit.
 * @param hears the consumer groups that the contracts assign to it
 * @throws PromiseBroken with one sentence per group without a handler
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
