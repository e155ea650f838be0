import { randomIds } from '@bulkhead/service/ids';
import { layOut } from './layout';
import { formatMoney } from './money';
import { type TemplateName, templateNames, templates } from './templates';

const orderId = randomIds.next();
const total = { amount: 123_450, currency: 'EUR' };
const facts: Record<TemplateName, object> = {
  welcome: {},
  'email-verification': {},
  'password-reset': {},
  'password-changed': {},
  'order-confirmed': { orderId, total },
  'order-rejected': { orderId, reason: 'payment-declined' },
  'order-cancelled': { orderId },
  'order-expired': { orderId },
  'order-refunded': { orderId, total },
  'refund-paid': { orderId, total, refundId: orderId, amount: total, refundedTotal: total },
  'refund-failed': { orderId, refundId: orderId, amount: total },
  farewell: { erasureId: randomIds.next() },
};
const recipient = {
  name: '<b onload="x">Ada & \'Co\'</b>',
  locale: 'de-AT',
  publicUrl: 'https://shop.example.org',
  token: 'secret-token',
};
const written = (name: TemplateName) => layOut(recipient.name, templates[name].write(facts[name], recipient));

test.each(templateNames)('%s shows a name full of markup as text, not as markup', (name) => {
  const { html, text } = written(name);
  expect(html).toContain('Hello &lt;b onload=&quot;x&quot;&gt;Ada &amp; &#39;Co&#39;&lt;/b&gt;,');
  expect(html).not.toMatch(/<b[ >]/);
  expect(text).toContain(`Hello ${recipient.name},`);
});

test.each(templateNames)('%s says the same in text and in HTML', (name) => {
  const { html, text, subject } = written(name);
  expect(subject).toMatch(/^[^\r\n]{5,80}$/);
  const asText = html
    .replaceAll(/<a href="([^"]*)">([^<]*)<\/a>/g, '$2: $1')
    .replaceAll(/<title>.*<\/title>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
  const words = (value: string) => value.split(/\s+/).filter(Boolean);
  expect(words(asText)).toEqual(words(text));
});

test('a link that needs a token carries it where browsers keep it to themselves', () => {
  expect(written('email-verification').text).toContain(
    'https://shop.example.org/verify-email#token=secret-token',
  );
  expect(written('password-reset').html).toContain(
    'href="https://shop.example.org/reset-password#token=secret-token"',
  );
});

test('only the mails that need one carry a token', () => {
  const carrying = templateNames.filter((name) => written(name).text.includes('secret-token'));
  expect(carrying).toEqual(templateNames.filter((name) => 'token' in templates[name]));
});

test('amounts are written as the person writes them, with the digits of their currency', () => {
  const plain = (text: string) => text.replaceAll(/\s/gu, ' ');
  expect(plain(formatMoney(total, 'de'))).toBe('1.234,50 €');
  expect(plain(formatMoney(total, 'en'))).toBe('€1,234.50');
  expect(plain(formatMoney({ amount: 1234, currency: 'JPY' }, 'en'))).toBe('¥1,234');
  expect(plain(formatMoney({ amount: 1234, currency: 'BHD' }, 'en'))).toBe('BHD 1.234');
  // The runtime writes these without decimals.
  expect(plain(formatMoney({ amount: 123_450, currency: 'HUF' }, 'en'))).toBe('HUF 1,234.50');
  expect(plain(formatMoney({ amount: 1_234_500, currency: 'IQD' }, 'en'))).toBe('IQD 1,234.500');
  expect(plain(formatMoney({ amount: 123_450, currency: 'ZZZ' }, 'en'))).toBe('ZZZ 1,234.50');
  expect(plain(formatMoney(total, 'no such locale'))).toBe('€1,234.50');
  expect(plain(formatMoney({ amount: 100_000_000_000, currency: 'EUR' }, 'en'))).toBe('€1,000,000,000.00');
});

test('facts that do not fit a template are refused instead of making a mail with holes', () => {
  expect(() => templates['order-confirmed'].write({ orderId }, recipient)).toThrow();
});
