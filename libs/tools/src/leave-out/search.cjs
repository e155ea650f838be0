/**
 * What goes with search beside what every service has: its box, its sorting and its price ranges in the storefront, which
 * shows the plain list of the catalog instead, and what tests it.
 */
const {
  replace,
  withoutDeclarations,
  withoutEntries,
  withoutLines,
  withoutPart,
  withoutTests,
} = require('./edits.cjs');

const monolith = (file) => `apps/monolith/src/${file}`;
const storefront = (file) => `apps/storefront/src/${file}`;

exports.removed = [storefront('catalog/search-box.tsx')];

exports.commands = [];

const plainList = `  const query = queryOf({ category: filter.category, cursor: filter.cursor, limit: perPage });
  const { items, next } = await get<PageOf<Product>>(\`/api/v1/products?\${query}\`, { signal });
  return { items, total: null, next: cursorOf(next), isPlain: true, prices: [] };
}
`;

exports.edits = {
  'libs/contracts/src/compatibility/openapi.test.ts': [
    withoutPart(
      "    [\n      'a switch in a query is documented as a boolean',",
      "    [\n      'an integer of a request has a larger format',",
    ),
  ],
  'apps/gateway/src/app.ts': [withoutEntries('search: searchApi')],
  'apps/gateway/src/bounded-series.test.ts': [
    replace('/api/v1/search?q=${id}', '/api/v1/products?cursor=${id}'),
  ],
  'apps/gateway/src/gateway.test.ts': [
    replace('/api/v1/search?q=', '/api/v1/products?cursor='),
    replace('{ products, search, openapi }', '{ products, openapi }'),
    replace('[products, search, openapi]', '[products, openapi]'),
  ],

  [storefront('api/types.ts')]: [withoutDeclarations('SearchHit')],
  [storefront('catalog/product-grid.tsx')]: [replace('(Product | SearchHit)', 'Product')],
  [storefront('catalog/find-products.ts')]: [
    replace('(Product | SearchHit)', 'Product'),
    withoutDeclarations('SearchPage'),
    withoutPart('  const { q, category, sort, cursor, currency', 'const queryOf ='),
    replace('const queryOf =', `${plainList}\nconst queryOf =`),
    replace(
      '/** Products by words, category and order; without words the plain catalog stands in for a search that is down. */',
      '/** Products of a category, or all. */',
    ),
    replace(
      'The plain list of the catalog, because search is down: neither sorted nor counted.',
      'The plain list of the catalog: neither sorted nor counted.',
    ),
  ],
  [storefront('catalog/catalog-page.tsx')]: [
    withoutPart('        {value?.isPlain && (', '        {error !== undefined && ('),
  ],
  [storefront('ui/header.tsx')]: [withoutLines('<SearchBox />')],

  'apps/acceptance/src/buying.ts': [withoutTests('begins with finding a product in spite of a typo')],
  'apps/acceptance/src/bad-input.ts': [withoutLines("['/api/v1/search?")],
  'apps/acceptance/src/client.ts': [
    replace('/api/v1/search?limit=100&inStock=false', '/api/v1/products?limit=100'),
  ],
  'apps/acceptance/src/fuzz/shop-walk.ts': [withoutLines('await walkSearch('), replace(', walkSearch', '')],
  'apps/acceptance/src/fuzz/walk/catalog.ts': [withoutDeclarations('walkSearch')],
  'apps/chart-jobs/src/shopper/buy.ts': [
    withoutPart("  await untilItWorks(patienceMs, 'search'", "  say('profile and search answer');"),
    replace('profile and search answer', 'profile answers'),
  ],

  [monolith('preflight.test.ts')]: [withoutEntries("{\n    what: 'extensions that were not made'")],
  [monolith('processes.test.ts')]: [
    withoutLines("attempt('search', forge)"),
    withoutDeclarations('forge'),
    withoutTests('the others serve: without search', 'what was started again ends with the others'),
  ],
  [monolith('production.test.ts')]: [withoutEntries("['search'")],
  [monolith('operator-commands.test.ts')]: [
    // Gone already where notification was left out.
    (text) =>
      text.includes("['resend', 'search'")
        ? withoutPart(
            "  expect(await inImage('order', ['resend', 'search'",
            "  expect((await inImage('order', ['resend', 'notification', '--since', 'yesterday'",
          )(text)
        : text,
  ],
  [monolith('testing/describe-bounded-series.ts')]: [withoutLines('/api/v1/search?q=')],
  'experiments/invariants/checks/projections-agree.ts': [
    withoutPart('      shop.ask<{ id: string; version: number; deleted: boolean }>(', '    ]);'),
    replace(', stock, index]', ', stock]'),
    withoutDeclarations('indexed'),
    withoutPart('      const entry = indexed', '    }\n    return {'),
    replace('for (const { id, sku, version, deleted } of products)', 'for (const { sku } of products)'),
    replace('its stock and its entry in the index, in the version that the catalog has.', 'its stock.'),
  ],
  'charts/bulkhead/values-production-keda.yaml': [(text) => text.replace(/^search:\n(?: .*\n)*/m, '')],
};
