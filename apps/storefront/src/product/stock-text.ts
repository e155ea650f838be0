import type { ProductPage } from '../api/types';

/** So few are left that it is said how many. */
const few = 10;

export function stockText({ status, available }: ProductPage['availability']): string {
  if (status === 'out-of-stock') return 'Sold out';
  if (status === 'unknown' || available === null)
    return 'Stock is not known at the moment. You can order: it is checked before anything is charged.';
  return available <= few ? `Only ${available} left` : 'In stock';
}
