import type { ReservationLine } from '@bulkhead/contracts/inventory/api';

/** Each SKU once, with the sum of its lines. */
export function mergeLines(lines: readonly ReservationLine[]): ReservationLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
