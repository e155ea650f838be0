import { canonicalLocale, Locale } from './locale';

test.each([
  ['de', 'de'],
  ['de-AT', 'de-AT'],
  ['zh-Hant-TW', 'zh-Hant-TW'],
  ['es-419', 'es-419'],
  ['gsw', 'gsw'],
  ['de-DE-1996', 'de-DE-1996'],
  ['en-u-hc-h23', 'en-u-hc-h23'],
])('%s is a locale', (tag, canonical) => {
  expect(Locale.parse(tag)).toBe(canonical);
});

test.each([
  ['DE-at', 'de-AT'],
  ['zh-hant-tw', 'zh-Hant-TW'],
  // What ISO has renamed.
  ['iw', 'he'],
  ['en-UK', 'en-GB'],
])('%s comes out as %s', (tag, canonical) => {
  expect(Locale.parse(tag)).toBe(canonical);
});

test.each([
  ['a language that does not exist', 'xx'],
  ['a language and a region that do not exist', 'xx-YY'],
  ['a region that does not exist', 'de-YY'],
  ['a region that is nowhere', 'de-ZZ'],
  ['an area that does not exist', 'es-777'],
  ['a script that does not exist', 'de-Abcd'],
  ['no one language', 'und'],
  ['a long language that does not exist', 'abcdefgh'],
  ['the name of a language', 'german'],
  ['private use', 'x-mine'],
  ['underscores', 'de_AT'],
  ['spaces around it', ' de'],
  ['nothing', ''],
  ['a variant said twice', 'de-1996-1996'],
  ['more than 35 characters', `de-x-${'a-'.repeat(16)}b`],
])('%s is none', (_what, tag) => {
  expect(Locale.safeParse(tag).error?.issues).toHaveLength(1);
});

test('what is no tag at all has no canonical form, and does not throw', () => {
  expect(canonicalLocale('')).toBeUndefined();
  expect(canonicalLocale('a-b-c-d')).toBeUndefined();
});
