import { countries, Country, isCountry } from './country';

test.each(['AT', 'XK', 'XX', 'ZZ', 'EU', 'UK', 'at', '', 'AUT'])(
  '%j is a country only if ISO assigned it',
  (code) => {
    expect(Country.safeParse(code).success).toBe(code === 'AT');
    expect(isCountry(code)).toBe(code === 'AT');
  },
);

test('the table has no slips: each code once, and the runtime knows it too', () => {
  expect(countries).toHaveLength(249);
  expect(new Set(countries).size).toBe(249);
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  expect(countries.filter((code) => names.of(code) === undefined)).toEqual([]);
});

test('a missing one and an invalid one have different messages', () => {
  const detail = (value: unknown) => Country.safeParse(value).error?.issues[0]?.message;
  expect(detail('ZZ')).toBe('must be an ISO 3166-1 alpha-2 code, such as AT');
  expect(detail(undefined)).not.toContain('ISO');
});
