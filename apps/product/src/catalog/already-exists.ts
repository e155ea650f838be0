import { isUniqueViolation } from '@bulkhead/database/errors';
import { problem } from '@bulkhead/service/errors';

/** Maps a duplicate SKU or slug to a problem for clients. */
export async function alreadyExists<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error, 'product_sku'))
      throw problem('already-exists', 'Another product has this SKU.');
    if (isUniqueViolation(error, 'product_slug'))
      throw problem('already-exists', 'Another product has this slug.');
    throw error;
  }
}
