import { publicApis } from './apis';
import { deprecationHeaders } from './deprecation';
import { defineEndpoint, type Endpoint } from './endpoint';
import { createOpenApi } from './openapi';

const old = defineEndpoint({
  operationId: 'listWishes',
  method: 'get',
  path: '/api/v1/wishes',
  summary: 'List wishes',
  tag: 'profile',
  access: { kind: 'public' },
  priority: 'browse',
  deprecated: { since: '2026-11-30', sunset: '2027-05-31', successor: '/api/v1/me/wishes' },
  responses: { 204: { description: 'None' } },
});

test('a deprecated operation says so in the headers of RFC 9745 and RFC 8594', () => {
  expect(deprecationHeaders(old)).toEqual({
    deprecation: `@${Date.UTC(2026, 10, 30) / 1000}`,
    sunset: 'Mon, 31 May 2027 00:00:00 GMT',
    link: '</api/v1/me/wishes>; rel="successor-version"',
  });
  expect(deprecationHeaders({ ...old, deprecated: { since: '2026-11-30' } })).toEqual({
    deprecation: expect.stringMatching(/^@\d+$/),
  });
  expect(() => deprecationHeaders({ ...old, deprecated: { since: 'soon' } })).toThrow(RangeError);
});

test('and in the document', () => {
  const { listWishes } = Object.fromEntries(
    Object.values((createOpenApi({ profile: { old } }) as any).paths['/api/v1/wishes']).map((each: any) => [
      each.operationId,
      each,
    ]),
  );
  expect(listWishes).toMatchObject({ deprecated: true, 'x-sunset': '2027-05-31' });
  expect(listWishes.description).toContain('Deprecated since 2026-11-30, and may be gone from 2027-05-31.');
  expect(Object.keys(listWishes.responses['204'].headers)).toEqual(['Deprecation', 'Sunset', 'Link']);
});

test('nothing goes sooner than half a year after it was said', () => {
  const endpoints = Object.values(publicApis).flatMap((api): Endpoint[] => Object.values(api));
  for (const { operationId, deprecated } of endpoints) {
    if (!deprecated) continue;
    expect(() => deprecationHeaders({ deprecated })).not.toThrow();
    const months =
      (Date.parse(deprecated.sunset ?? '9999-01-01') - Date.parse(deprecated.since)) / 2_629_800_000;
    expect({ operationId, isSoon: months < 6 }).toEqual({ operationId, isSoon: false });
  }
});
