import { readServices, requireName, requireScope } from './choices';

test.each(['shop', 'my-shop', 'shop-2'])('%s is a name', (name) => {
  expect(requireName(name)).toBe(name);
});

test.each([
  '',
  'My-Shop',
  '2shop',
  'shop-',
  'a/b',
  '../shop',
  'läden',
  'shop$',
  'a'.repeat(51),
  'node-modules',
])('%j is refused as a name', (name) => {
  expect(() => requireName(name)).toThrow(/name/);
});

test('a scope has its @, whether it was given or not', () => {
  expect(requireScope('@acme')).toBe('@acme');
  expect(requireScope('acme')).toBe('@acme');
  for (const scope of ['', '@', '@@acme', '@Acme', '@acme/', '@a.b'])
    expect(() => requireScope(scope)).toThrow('A scope is');
});

test('what is not in the list is left out, of what can be', () => {
  expect(readServices('search,notification')).toEqual([]);
  expect(readServices(' order, search ')).toEqual(['notification']);
  expect(readServices('core')).toEqual(['search', 'notification']);
  expect(() => readServices('serch')).toThrow(
    'There is no service serch. Always there: gateway, auth, profile, product, inventory, order, payment; to be picked: search, notification.',
  );
});
