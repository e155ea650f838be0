import type { Transaction } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { Versions } from '@bulkhead/service/http/preconditions';

/**
 * Locks the product for a change, so that of two changes based on the same version one is rejected.
 * @param versions that the change may be based on, from If-Match
 * @throws ProblemError not-found, precondition-failed
 */
export async function lockProduct(
  tx: Transaction,
  productId: string,
  versions: Versions,
): Promise<{ readonly sku: string; readonly version: number }> {
  // The client cannot lock a row.
  const { rows } = await tx.query<{ sku: string; version: number }>({
    name: 'lock-product',
    text: 'select sku, version from product where id = $1 and deleted_at is null for update',
    values: [productId],
  });
  const current = rows[0];
  if (!current) throw problem('not-found', 'There is no such product.');
  if (versions !== 'any' && !versions.includes(current.version))
    throw problem('precondition-failed', 'The product has changed since you read it. Read it again.');
  return current;
}
