import type { NewEvent } from '@bulkhead/contracts/event';
import { stockDepleted, stockReplenished } from '@bulkhead/contracts/inventory/events';

/** The event when stock reaches or leaves zero; none for any other change. */
export function stockEvents(sku: string, before: number, after: number, version: number): NewEvent[] {
  if (before > 0 === after > 0) return [];
  const definition = after > 0 ? stockReplenished : stockDepleted;
  return [{ definition, subject: sku, aggregateVersion: version, data: { sku } }];
}
