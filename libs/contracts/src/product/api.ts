import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { documentedAs } from '../documented-as';
import { extending } from '../extending';
import { etagHeader, IfMatchHeader, IfNoneMatchHeader } from '../preconditions';
import { Id, list, Money, page, PageQuery, Price, Sku, text, Timestamp, wholeNumber } from '../primitives';

/** Lower-case words joined by hyphens, as in URLs. */
export const Slug = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words and digits joined by dashes')
  .meta({ description: 'words that name a product in addresses', examples: ['enamel-kettle-red'] });

/** A category is identified by its slug; it exists as long as it contains a product. */
export const CategorySlug = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words and digits joined by dashes')
  .meta({ description: 'category', examples: ['kitchen'] });

/** A path on the shop's own site: images are never loaded from other hosts. */
const ImagePath = z
  .string()
  .regex(/^\/[A-Za-z0-9_-][A-Za-z0-9_./-]{0,199}$/, 'must be a path, such as /images/kettle.svg')
  .nullable();

const Version = z.int().min(1).meta({ description: 'grows by one with every change' });

export const Product = z
  .object({
    productId: Id,
    sku: Sku,
    slug: Slug,
    name: z.string(),
    description: z.string(),
    category: CategorySlug,
    price: Money,
    imageUrl: z.string().nullable(),
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Product', description: 'A product of the catalog' });
export type Product = z.infer<typeof Product>;

export const Availability = z
  .object({
    status: z
      .enum(['in-stock', 'out-of-stock', 'unknown'])
      .meta({ id: 'AvailabilityStatus', description: '`unknown` while inventory is unavailable' }),
    available: z.int().min(0).nullable().meta({ description: 'pieces; null while unknown' }),
  })
  .meta({ id: 'Availability', description: 'Whether a product can be bought now' });
export type Availability = z.infer<typeof Availability>;

export const ProductPage = extending(
  Product,
  Product.extend({ availability: Availability }).meta({
    id: 'ProductPage',
    description: 'A product and whether it can be bought now',
  }),
);

export const ProductDraft = z
  .strictObject({
    sku: Sku,
    slug: Slug,
    name: text(1, 200),
    description: text(0, 4000),
    category: CategorySlug,
    price: Price,
    imageUrl: ImagePath.optional(),
  })
  .meta({ id: 'ProductDraft', description: 'A product as an admin writes it' });
export type ProductDraft = z.infer<typeof ProductDraft>;

const Category = z
  .object({ category: CategorySlug, products: z.int().min(1).meta({ description: 'how many are in it' }) })
  .meta({ id: 'Category', description: 'A category that has products' });

const tag = 'products';
const adminOnly = { kind: 'role', role: 'admin' } as const;
const productId = z.object({ productId: Id });

const idOrSlugPattern = /^[A-Za-z0-9-]{1,100}$/;
/** Clients older than `getProductBySlug` send slugs, too. */
const idOrSlug = documentedAs(z.string().regex(idOrSlugPattern, 'must be the id or slug of a product'), {
  ...z.toJSONSchema(Id),
  description: 'id of the product',
  'x-accepts': { type: 'string', pattern: idOrSlugPattern.source },
});
const productPageAnswers = {
  200: { description: 'The product', schema: ProductPage, headers: etagHeader },
  304: { description: 'The copy at hand is current', headers: etagHeader },
};

export const productApi = {
  listProducts: defineEndpoint({
    operationId: 'listProducts',
    method: 'get',
    path: '/api/v1/products',
    summary: 'List the catalog, newest first',
    description: 'All products, or those of a category; `searchProducts` finds them by words and price.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    query: PageQuery.extend({ category: CategorySlug.optional() }),
    responses: {
      200: { description: 'A page of products', schema: page(Product) },
    },
  }),
  getProduct: defineEndpoint({
    operationId: 'getProduct',
    method: 'get',
    path: '/api/v1/products/{productId}',
    summary: 'Show one product with its availability',
    description:
      'Availability comes from inventory within a short budget and is `unknown` while inventory is unavailable. ' +
      'The ETag is the version of the product; availability is not part of it.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    params: z.object({
      productId: idOrSlug,
    }),
    headers: IfNoneMatchHeader,
    responses: productPageAnswers,
    problems: ['not-found'],
  }),
  getProductBySlug: defineEndpoint({
    operationId: 'getProductBySlug',
    method: 'get',
    path: '/api/v1/products/by-slug/{slug}',
    summary: 'Show one product, by the words of its address',
    description: 'As `getProduct`.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    params: z.object({ slug: Slug }),
    headers: IfNoneMatchHeader,
    responses: productPageAnswers,
    problems: ['not-found'],
  }),
  listCategories: defineEndpoint({
    operationId: 'listCategories',
    method: 'get',
    path: '/api/v1/categories',
    summary: 'List the categories and how many products each has',
    description: 'A category exists as long as a product is in it.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    responses: {
      200: {
        description: 'All categories, by name',
        schema: list(Category),
      },
    },
  }),
  createProduct: defineEndpoint({
    operationId: 'createProduct',
    method: 'post',
    path: '/api/v1/products',
    summary: 'Add a product to the catalog',
    description:
      'The SKU and the slug are unique forever: repeating the request fails with `already-exists`.',
    tag,
    access: adminOnly,
    priority: 'browse',
    body: ProductDraft,
    responses: {
      201: {
        description: 'The product was added',
        schema: Product,
        headers: { ...etagHeader, location: { description: 'path of the product' } },
      },
    },
    problems: ['already-exists'],
  }),
  replaceProduct: defineEndpoint({
    operationId: 'replaceProduct',
    method: 'put',
    path: '/api/v1/products/{productId}',
    summary: 'Change a product',
    tag,
    access: adminOnly,
    priority: 'browse',
    // A repetition finds another version and results in a 412, so only the first one has an effect; but the responses
    // differ.
    retryable: false,
    params: productId,
    headers: IfMatchHeader,
    body: ProductDraft,
    responses: { 200: { description: 'The product as changed', schema: Product, headers: etagHeader } },
    problems: ['not-found', 'already-exists', 'precondition-failed', 'precondition-required', 'conflict'],
  }),
  deleteProduct: defineEndpoint({
    operationId: 'deleteProduct',
    method: 'delete',
    path: '/api/v1/products/{productId}',
    summary: 'Take a product out of the catalog',
    tag,
    access: adminOnly,
    priority: 'browse',
    retryable: false,
    params: productId,
    headers: IfMatchHeader,
    responses: { 204: { description: 'The product is out of the catalog' } },
    problems: ['not-found', 'precondition-failed', 'precondition-required'],
  }),
} as const;

export const QuotedItem = z.object({
  productId: Id,
  sku: Sku,
  name: z.string(),
  price: Money,
  version: Version,
});
export type QuotedItem = z.infer<typeof QuotedItem>;

/** A product at a version, including products removed from the catalog. */
export const ReplayedProduct = z.object({
  productId: Id,
  sku: Sku,
  slug: Slug,
  name: z.string(),
  description: z.string(),
  category: CategorySlug,
  price: Money,
  imageUrl: z.string().nullable(),
  updatedAt: Timestamp,
  version: Version,
  deleted: z.boolean(),
});
export type ReplayedProduct = z.infer<typeof ReplayedProduct>;

export const productInternal = {
  quote: defineEndpoint({
    operationId: 'quoteProducts',
    method: 'post',
    path: '/internal/products/quote',
    summary: 'The prices that an order is made with',
    tag,
    access: { kind: 'service', callers: ['order'] },
    priority: 'buy',
    retryable: true,
    body: z.strictObject({
      items: z
        .array(z.strictObject({ productId: Id }))
        .min(1)
        .max(50),
    }),
    responses: {
      200: {
        description: 'One entry for each product that is in the catalog; the others by id in `unknown`',
        schema: z.object({ items: z.array(QuotedItem), unknown: z.array(Id) }),
      },
    },
  }),
  replay: defineEndpoint({
    operationId: 'replayProducts',
    method: 'get',
    path: '/internal/products/replay',
    summary: 'Every product with its version, in the order of ids, deleted ones included',
    tag,
    access: { kind: 'service', callers: ['search'] },
    priority: 'browse',
    query: z.object({
      after: Id.optional(),
      limit: wholeNumber(1, 500).default(200),
    }),
    responses: {
      200: {
        description: 'The products after `after`; `nextAfter` is null on the last page',
        schema: z.object({ items: z.array(ReplayedProduct), nextAfter: Id.nullable() }),
      },
    },
  }),
} as const;
