import type { ProductSnapshot } from '../index/entry';

/** A product's snapshot in the format of its events. */
export interface CatalogProduct extends ProductSnapshot {
  readonly updatedAt: string;
}

const changed = '2026-01-05T09:00:00.000Z';

/** The `n`th product of a catalog: ids sort by number, as UUIDv7 do by time. */
export const productId = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const product = (
  n: number,
  name: string,
  { category = 'kitchen', price = 1_000, description = '', sku = `SKU-${n}` } = {},
): CatalogProduct => ({
  productId: productId(n),
  sku,
  slug: `product-${n}`,
  name,
  description,
  category,
  price: { amount: price, currency: 'EUR' },
  imageUrl: null,
  updatedAt: changed,
});

/** A small shop whose expected results are easy to see. */
export const smallCatalog: readonly CatalogProduct[] = [
  product(1, 'Enamel Kettle, red', {
    price: 3_900,
    description: 'Boils two litres on any stove.',
    sku: 'KET-ENAMEL-RED',
  }),
  product(2, 'Enamel Kettle, blue', { price: 3_900, description: 'Boils two litres on any stove.' }),
  product(3, 'Electric Kettle', { price: 5_900, description: 'Quick and quiet.' }),
  product(4, 'Kettle Descaler', {
    category: 'household',
    price: 690,
    description: 'For kettles and coffee machines.',
  }),
  product(5, 'Teapot', { price: 2_900, description: 'Goes with every kettle of ours.' }),
  product(6, 'Café au Lait Bowl', { category: 'tableware', price: 1_450, description: 'Glazed by hand.' }),
  product(7, 'Crème Brûlée Set', { price: 2_400, description: 'Four ramekins and a torch.' }),
  product(8, 'Smørrebrød Board', { price: 1_990, description: 'Oak, for open sandwiches.' }),
  product(9, 'Garden Shears', { category: 'garden-tools', price: 2_500, description: 'Stay sharp.' }),
  product(10, 'Running Shoes', {
    category: 'sports',
    price: 8_900,
    description: 'For runners who run in the rain.',
  }),
  product(11, 'Desk Lamp 40W', { category: 'lighting', price: 4_200, description: 'Warm light.' }),
  product(12, 'The Who: Greatest Hits', {
    category: 'records',
    price: 1_999,
    description: 'A double album.',
  }),
];
