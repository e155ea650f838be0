import { stockDepleted } from '@bulkhead/contracts/inventory/events';
import type { Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';

const insertSku = {
  name: 'inventory-add-sku',
  text: 'insert into stock (sku) values ($1) on conflict (sku) do nothing',
};

/** Begins to keep a SKU, with nothing of it; does nothing for one that is kept already. */
export async function addSku(tx: Transaction, sku: string, outbox: Outbox): Promise<void> {
  const { rowCount } = await tx.query({ ...insertSku, values: [sku] });
  if (rowCount === 0) return;
  await outbox.append(tx, [{ definition: stockDepleted, subject: sku, aggregateVersion: 1, data: { sku } }]);
}
