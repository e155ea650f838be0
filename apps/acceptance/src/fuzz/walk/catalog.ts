import { randomUUID } from 'node:crypto';
import { nobodys, type Walker } from './walker';

/** The catalog. @returns a product that was in it, and one that was made */
export async function walkCatalog({ call, admin }: Walker) {
  const { items } = (await call('listProducts', { query: '?limit=100' })).body as {
    items: { productId: string; sku: string; slug: string; version: number; price: object }[];
  };
  await call('listCategories');
  const { productId, slug } = items[0]!;
  for (const [operation, params, nothing] of [
    ['getProduct', { productId }, { productId: 'no-such-thing' }],
    ['getProductBySlug', { slug }, { slug: 'no-such-thing' }],
  ] as const) {
    const shown = await call(operation, { params });
    await call(operation, { params, headers: { 'if-none-match': shown.headers.get('etag')! } });
    await call(operation, { params: nothing });
  }
  const mark = randomUUID().slice(0, 8);
  const draft = {
    sku: `TST-${mark.toUpperCase()}`,
    slug: `test-${mark}`,
    name: 'Test Piece',
    description: 'For the walk',
    category: 'kitchen',
    price: { amount: 1999, currency: 'EUR' },
  };
  const product = (await call('createProduct', { token: admin.token, json: draft })).body as {
    productId: string;
  };
  await call('createProduct', { token: admin.token, json: draft });
  const it = { productId: product.productId };
  await call('replaceProduct', {
    token: admin.token,
    params: it,
    headers: { 'if-match': '"1"' },
    json: { ...draft, name: 'Test Pieces' },
  });
  await call('replaceProduct', {
    token: admin.token,
    params: it,
    headers: { 'if-match': '"1"' },
    json: draft,
  });
  await call('replaceProduct', { token: admin.token, params: it, json: draft });
  await call('replaceProduct', {
    token: admin.token,
    params: { productId: nobodys },
    headers: { 'if-match': '*' },
    json: draft,
  });
  await call('replaceProduct', {
    token: admin.token,
    params: it,
    headers: { 'if-match': '*' },
    json: { ...draft, slug: items[0]!.slug },
  });
  return { shown: items[0]!, made: { ...it, sku: draft.sku } };
}

export async function walkSearch({ call, admin }: Walker): Promise<void> {
  await call('searchProducts', { query: '?q=kettle' });
  await call('suggestSearches', { query: '?q=ke' });
  await call('rebuildSearch', { token: admin.token });
  await call('getSearchRebuild', { token: admin.token });
}

export async function walkRemoval(
  { call, admin }: Walker,
  { productId }: { productId: string },
): Promise<void> {
  const it = { productId };
  await call('deleteProduct', { token: admin.token, params: it, headers: { 'if-match': '"77"' } });
  await call('deleteProduct', { token: admin.token, params: it });
  await call('deleteProduct', {
    token: admin.token,
    params: { productId: nobodys },
    headers: { 'if-match': '*' },
  });
  await call('deleteProduct', { token: admin.token, params: it, headers: { 'if-match': '*' } });
}
