import { loadConfig } from '@bulkhead/service/config';
import { NotificationConfig, refusePlaceholders } from './config';

const good = {
  SMTP_URL: 'smtps://user:secret@mail.example.org:465',
  MAIL_FROM: 'The Shop <shop@mail.example.org>',
  PUBLIC_URL: 'https://shop.example.org/',
};

test('a sender is a name and an address, or an address alone', () => {
  expect(loadConfig(NotificationConfig, good)).toMatchObject({
    MAIL_FROM: { name: 'The Shop', address: 'shop@mail.example.org', host: 'mail.example.org' },
    PUBLIC_URL: 'https://shop.example.org',
  });
  expect(loadConfig(NotificationConfig, { ...good, MAIL_FROM: 'shop@example.org' }).MAIL_FROM).toEqual({
    name: '',
    address: 'shop@example.org',
    host: 'example.org',
  });
});

test.each([
  ['SMTP_URL', 'http://mail.example.org'],
  ['MAIL_FROM', 'nobody'],
  ['MAIL_FROM', 'shop@localhost'],
  ['MAIL_FROM', 'The Shop <the..shop@mail.example.org>'],
  ['MAIL_FROM', 'Shop <shop@mail.example.org> <other@mail.example.org>'],
  ['MAIL_FROM', 'Shop\nBcc: all <shop@mail.example.org>'],
  ['MAIL_FROM', 'Shop <shop@mail.example.org'],
  ['PUBLIC_URL', 'shop.example.org'],
])('a wrong %s (%j) stops the start with a sentence that names it', (name, value) => {
  expect(() => loadConfig(NotificationConfig, { ...good, [name]: value })).toThrow(`${name} (`);
});

test('nothing is guessed: without a mail server there is no start', () => {
  expect(() => loadConfig(NotificationConfig, {})).toThrow(/SMTP_URL[^]*MAIL_FROM[^]*PUBLIC_URL/);
});

test.each([
  ['MAIL_FROM', 'Bulkhead <shop@shop.example>'],
  ['PUBLIC_URL', 'http://localhost:8080'],
  ['PUBLIC_URL', 'http://127.0.0.1:8080'],
])('production refuses the placeholder %s=%s', (name, value) => {
  const config = loadConfig(NotificationConfig, { ...good, [name]: value });
  expect(() => refusePlaceholders(config, 'production')).toThrow(
    new RegExp(`^${name} .*refused where NODE_ENV=production; set it to`),
  );
  expect(() => refusePlaceholders(config, 'development')).not.toThrow();
  expect(() => refusePlaceholders(loadConfig(NotificationConfig, good), 'production')).not.toThrow();
});
