import { hrefOf, matchRoute, safePath } from './routes';

test('an address leads to its page, with its parameters', () => {
  expect(matchRoute('/')).toEqual({ name: 'catalog', params: {} });
  expect(matchRoute('/products/enamel-kettle-red')).toEqual({
    name: 'product',
    params: { slug: 'enamel-kettle-red' },
  });
  expect(matchRoute('/products/a%20b')?.params).toEqual({ slug: 'a b' });
  expect(matchRoute('/orders')?.name).toBe('orders');
  expect(matchRoute('/orders/1')?.name).toBe('order');
});

test.each(['/nowhere', '/products', '/orders/1/2'])('%s is no page', (path) => {
  expect(matchRoute(path)).toBeUndefined();
});

test('an address is made from a page, its parameters and what is asked', () => {
  expect(hrefOf('product', { slug: 'a/b' })).toBe('/products/a%2Fb');
  expect(hrefOf('catalog', {}, { q: 'red kettle', category: undefined })).toBe('/?q=red+kettle');
});

test.each([
  ['/checkout', '/checkout'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  [null, '/'],
])('after signing in, %s leads to %s', (given, path) => {
  expect(safePath(given)).toBe(path);
});
