import type { ProductPage } from '../api/types';
import type { Texts } from '../language/en';

/** Up to this number the remaining quantity is shown. */
const few = 10;

export function stockText({ status, available }: ProductPage['availability'], t: Texts): string {
  if (status === 'out-of-stock') return t.catalog.soldOut;
  if (status === 'unknown' || available === null) return t.product.stockUnknown;
  return available <= few ? t.product.onlyLeft(available) : t.product.inStock;
}
