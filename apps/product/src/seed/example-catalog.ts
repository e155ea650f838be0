import { createHash } from 'node:crypto';
import { families } from './families/families';
import type { Family, Variant } from './families/family';

export interface ExampleProduct {
  readonly id: string;
  readonly sku: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  /** Minor units. */
  readonly price: number;
  readonly currency: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const opening = Date.UTC(2026, 0, 5, 9);
const betweenProductsMs = 37 * 60_000;

/** The products of the example shop: always the same, with the same ids, in the same order. */
export const exampleCatalog = (): ExampleProduct[] =>
  Object.entries(families)
    .flatMap(([category, members]) =>
      members.flatMap((family) => family.variants.map((variant) => ({ category, family, variant }))),
    )
    .map(({ category, family, variant }, index) =>
      describe(category, family, variant, opening + index * betweenProductsMs),
    );

function describe(
  category: string,
  family: Family,
  [code, label, extra = 0]: Variant,
  at: number,
): ExampleProduct {
  const sku = `${family.sku}-${code}`;
  const name = `${family.name}, ${label}`;
  const joined = new Date(at).toISOString();
  return {
    id: idOf(sku, at),
    sku,
    slug: slugOf(name),
    name,
    description: `${family.text} ${family.by}: ${label}.`,
    category,
    price: family.price + extra,
    currency: 'EUR',
    createdAt: joined,
    updatedAt: joined,
  };
}

/** A UUIDv7 (RFC 9562 §5.7) whose random part is derived from the SKU. */
function idOf(sku: string, at: number): string {
  const time = at.toString(16).padStart(12, '0');
  const hash = createHash('sha256').update(sku).digest('hex');
  const variant = (8 + (parseInt(hash[3]!, 16) % 4)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

const slugOf = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[\p{M}’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
