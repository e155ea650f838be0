const { namesIn, splitOffOf } = jest.requireActual<{
  namesIn: (splitOff: string) => string[];
  splitOffOf: (given: string | undefined, extracted: readonly string[]) => string;
}>('./split-off.ts');

test.each([
  [undefined, [], ''],
  [undefined, ['search', 'payment'], 'search,payment'],
  ['', ['search'], 'search'],
  ['order', ['search'], 'order'],
  ['none', ['search'], ''],
])('with SPLIT_OFF=%s and %j extracted, npm start splits off "%s"', (given, extracted, splitOff) => {
  expect(splitOffOf(given, extracted)).toBe(splitOff);
});

test('the names are read as the shop reads them', () => {
  expect(namesIn('')).toEqual([]);
  expect(namesIn('search, payment')).toEqual(['search', 'payment']);
});
