import { wordsOf } from './words';

/** A product as of a version, from an event or from the catalog's listing. */
export interface ProductSnapshot {
  readonly productId: string;
  readonly sku: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly imageUrl: string | null;
}

/** A row of the index, as the parameter of the statements that write it. */
export interface Entry {
  readonly product_id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly sku: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: number;
  readonly currency: string;
  readonly image_url: string | null;
  readonly name_words: string;
  readonly label_words: string;
  readonly text_words: string;
}

export const toEntry = (product: ProductSnapshot, version: number): Entry => ({
  product_id: product.productId,
  version,
  deleted: false,
  sku: product.sku,
  slug: product.slug,
  name: product.name,
  description: product.description,
  category: product.category,
  price: product.price.amount,
  currency: product.price.currency,
  image_url: product.imageUrl,
  name_words: wordsOf(product.name).join(' '),
  label_words: wordsOf(`${product.category} ${product.sku}`).join(' '),
  text_words: wordsOf(product.description).join(' '),
});

/** What remains of a deleted product, the same for an event and the listing. */
export const toTombstone = (productId: string, sku: string, version: number): Entry => ({
  product_id: productId,
  version,
  deleted: true,
  sku,
  slug: '',
  name: '',
  description: '',
  category: '',
  price: 0,
  currency: '',
  image_url: null,
  name_words: '',
  label_words: '',
  text_words: '',
});
