import { Email, KnownEmail } from './schemas';

const takes = (address: string): boolean => Email.safeParse(address).success;
const mayBeKnown = (address: string): boolean => KnownEmail.safeParse(address).success;
/** A domain of four long labels and `example`. @param length between 240 and 263 */
const domainOf = (length: number): string =>
  `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(length - 191)}.example`;

test.each([
  'ada@example.com',
  ' Ada@Example.COM ',
  'ada.lovelace+shop@mail.example.co.uk',
  "o'brien@example.com",
  '!#$%&*/=?^_`{|}~-@example.com',
  '1@2.example',
  'zo\u00eb@example.com',
  'ada@xn--bcher-kva.example',
  `${'a'.repeat(64)}@example.com`,
  `${'\u00eb'.repeat(32)}@example.com`,
  `a@${domainOf(252)}`,
])('%j is an address', (address) => {
  expect(takes(address)).toBe(true);
  expect(mayBeKnown(address)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['no @', 'ada'],
  ['no local part', '@example.com'],
  ['two dots', 'a..b@x.example'],
  ['a dot first', '.a@x.example'],
  ['a dot last', 'a.@x.example'],
  ['two @', 'a@b@x.example'],
  ['a space', 'a b@x.example'],
  ['a comma', 'a,b@x.example'],
  ['a line break', 'a@x.example\r\nbcc:b@x.example'],
  ['a zero-width space', 'a\u200bb@x.example'],
  ['a quoted local part', '"a b"@x.example'],
  ['an address literal', 'a@[192.0.2.1]'],
  ['an IP address', 'a@192.0.2.1'],
  ['a domain of one label', 'a@localhost'],
  ['an empty label', 'a@x..example'],
  ['a dot after the domain', 'a@x.example.'],
  ['a label that begins with a dash', 'a@-x.example'],
  ['a label that ends with a dash', 'a@x-.example'],
  ['a label of 64', `a@${'x'.repeat(64)}.example`],
  ['a local part of 65', `${'a'.repeat(65)}@example.com`],
  ['a local part of 66 bytes', `${'\u00eb'.repeat(33)}@example.com`],
  ['255 in all', `ab@${domainOf(252)}`],
])('%s is none', (_what, address) => {
  expect(takes(address)).toBe(false);
});

test.each(['a..b@x.example', '.a@x.example', 'a.@x.example', `${'\u00eb'.repeat(33)}@example.com`])(
  '%j is none, but may be that of an account from before that was known',
  (address) => {
    expect(takes(address)).toBe(false);
    expect(mayBeKnown(address)).toBe(true);
  },
);

test.each([
  '',
  'ada',
  '@example.com',
  'a b@x.example',
  'a@x.example\r\nbcc:b@x.example',
  'a@localhost',
  `${'a'.repeat(243)}@x.example`,
])('%j is not even that of an account', (address) => {
  expect(mayBeKnown(address)).toBe(false);
});

test('an address of the greatest length is judged at once', () => {
  for (const address of ['a.'.repeat(127), `${'a'.repeat(253)}@`, `a@${'x.'.repeat(126)}`])
    expect(takes(address)).toBe(false);
});
