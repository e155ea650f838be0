import { currencies, isCurrency, minorUnitsOf, priceStepOf } from './currency';

test.each([
  ['EUR', 2],
  ['JPY', 0],
  ['BHD', 3],
  // Intl says 0 of these, or did in a version of Node that we support.
  ['RSD', 2],
  ['HUF', 2],
  ['IQD', 3],
])('%s has %d minor units, as ISO 4217 says', (code, digits) => {
  expect(isCurrency(code)).toBe(true);
  expect(minorUnitsOf(code)).toBe(digits);
});

test.each([
  ['no currency', 'XXX'],
  ['the code for tests', 'XTS'],
  ['gold', 'XAU'],
  ['special drawing rights', 'XDR'],
  ['a fund code', 'CHE'],
  ['a currency that is gone', 'BGN'],
  ['a code that nobody has', 'ZZZ'],
  ['small letters', 'eur'],
  ['nothing', ''],
  ['a name that every object has', 'constructor'],
])('%s is nothing to price in', (_what, code) => {
  expect(isCurrency(code)).toBe(false);
  expect(() => minorUnitsOf(code)).toThrow(RangeError);
});

test('the table has no slips: each code once, and the runtime knows it too', () => {
  expect(currencies).toHaveLength(155);
  expect(new Set(currencies).size).toBe(currencies.length);
  const known = new Set(Intl.supportedValuesOf('currency'));
  // CLDR does not count Venezuela's second code among those in use.
  expect(currencies.filter((code) => !known.has(code))).toEqual(['VED']);
});

test.each([
  ['EUR', 1],
  ['JPY', 1],
  ['MGA', 100],
  ['KWD', 10],
  ['IQD', 10],
])('a price in %s is a multiple of %d minor units', (code, step) => {
  expect(priceStepOf(code)).toBe(step);
});
