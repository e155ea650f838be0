import { publicApis } from '../apis';
import { createOpenApi } from '../openapi';
import { addToChangelog, describeApiChanges } from './changes';

const original = createOpenApi(publicApis);
const changed = (change: (document: any) => void) => {
  const document = structuredClone(original);
  change(document);
  return describeApiChanges(original, document);
};

test('the changelog lists what is new, deprecated or removed, but not changed wording', () => {
  expect(
    changed((d) => {
      d.paths['/api/v1/wishes'] = { get: { operationId: 'listWishes', responses: {} } };
      d.paths['/api/v1/orders'].get.deprecated = true;
      d.paths['/api/v1/orders'].get.parameters.push({
        name: 'sort',
        in: 'query',
        schema: { type: 'string' },
      });
      d.components.schemas.OrderDetails.allOf[1].properties.note = { type: 'string' };
      delete d.paths['/api/v1/categories'];
    }),
  ).toEqual([
    '**Breaking:** GET /api/v1/categories: the operation is gone',
    '`listOrders` is deprecated',
    'New parameter `sort` of `listOrders`',
    'New operation `listWishes`: `GET /api/v1/wishes`',
    'New field `note` of `OrderDetails`',
  ]);
  expect(changed((d) => (d.info.description = 'Better words'))).toEqual([]);
});

test('changes of one day stand together, newest first, each once', () => {
  const first = addToChangelog('', '2026-11-29', ['a']);
  const second = addToChangelog(first, '2026-11-30', ['b']);
  const third = addToChangelog(second, '2026-11-30', ['b', 'c']);
  expect(third).toMatch(/^# Changes of the API\n[^]*\n## 2026-11-30\n\n- b\n- c\n\n## 2026-11-29\n\n- a\n$/);
});

test('what is added and removed on one day is not listed', () => {
  const before = addToChangelog('', '2026-11-29', ['a']);
  const added = addToChangelog(before, '2026-11-30', ['b', 'c'], ['gone b', 'gone c']);
  expect(addToChangelog(added, '2026-11-30', ['gone b', 'gone c'], ['b', 'c'])).toBe(before);
  expect(addToChangelog(added, '2026-11-30', ['gone b'], ['b'])).toContain('\n## 2026-11-30\n\n- c\n');
  expect(addToChangelog(added, '2026-12-01', ['gone b'], ['b'])).toContain('\n## 2026-12-01\n\n- gone b\n');
});
