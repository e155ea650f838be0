import { de } from '../language/de';
import { en } from '../language/en';
import { categoryName, createFormat, orderNumber } from './format';

test.each([
  [4900, 'EUR', 'en-GB', '€49.00'],
  [4900, 'EUR', 'de', '49,00\u00a0€'],
  [4900, 'JPY', 'en', '¥4,900'],
  [4900, 'KWD', 'en', 'KWD\u00a04.900'],
])('%d minor units of %s in %s are %s', (amount, currency, locale, text) => {
  expect(createFormat(locale).money({ amount, currency })).toBe(text);
});

test('a category and an order have names that people can say', () => {
  expect(categoryName('coffee-and-tea', en)).toBe('Coffee and tea');
  expect(categoryName('coffee-and-tea', de)).toBe('Kaffee und Tee');
  expect(categoryName('constructor', de)).toBe('Constructor');
  expect(orderNumber('01a20bef-7e9c-7cc3-8d5a-1f2e3d4c5b6a')).toBe('3D4C5B6A');
});
