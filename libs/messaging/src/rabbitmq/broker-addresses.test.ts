import { brokerAddresses } from './broker-addresses';

test.each([
  ['amqp://a', ['amqp://a']],
  ['amqp://me:secret@a:5673/shop', ['amqp://me:secret@a:5673/shop']],
  ['amqp://me:1@a, amqps://you:2@b/other', ['amqp://me:1@a', 'amqps://you:2@b/other']],
  [
    'amqp://me:secret@a/shop,amqp://b,amqp://c:5673/',
    ['amqp://me:secret@a/shop', 'amqp://me:secret@b/shop', 'amqp://me:secret@c:5673/'],
  ],
  ['amqp://me:se,cret@a,amqp://b', ['amqp://me:se,cret@a', 'amqp://me:se,cret@b']],
])('%s is %j', (text, addresses) => expect(brokerAddresses(text)).toEqual(addresses));

test.each([
  '',
  'a',
  'http://a',
  'amqp://',
  'amqp://a,b',
  'amqp://a,',
  'amqp://a,http://b',
  'amqp://a:5672,b:5672',
])('%j is refused, without showing it', (text) =>
  expect(() => brokerAddresses(text)).toThrow(
    /^must be a URL that starts with amqp:\/\/ or amqps:\/\/, or several of them separated by commas$/,
  ),
);
