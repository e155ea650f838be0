import type { IncomingMessage } from 'node:http';
import { clientAddress, clientKey, clientScheme } from './client-address';

const request = (headers: Record<string, string>, remoteAddress = '10.0.0.9') =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;
const behind = (hops: number, header: string) => clientAddress(request({ 'x-forwarded-for': header }), hops);

describe('the address of a client', () => {
  it.each<[string, number, string, string]>([
    ['is what the proxy saw', 1, '203.0.113.7', '203.0.113.7'],
    ['is not what the client wrote itself', 1, '9.9.9.9, 203.0.113.7', '203.0.113.7'],
    ['has no port', 1, '9.9.9.9, 203.0.113.7:4001', '203.0.113.7'],
    ['has no port behind two proxies either', 2, '9.9.9.9, 203.0.113.7:4001, 10.0.0.5:80', '203.0.113.7'],
    ['is IPv6 too', 1, '9.9.9.9, 2001:DB8:0::1', '2001:db8::1'],
    ['is IPv6 in brackets', 1, '9.9.9.9, [2001:db8::1]', '2001:db8::1'],
    ['is IPv6 in brackets with a port', 1, '9.9.9.9, [2001:db8::1]:4001', '2001:db8::1'],
    ['is IPv6 without its zone', 1, 'fe80::1%eth0', 'fe80::1'],
    ['is IPv4 where it was mapped into IPv6', 1, '::ffff:203.0.113.7', '203.0.113.7'],
    ['is IPv4 where it was mapped in hexadecimal', 1, '::FFFF:cb00:7107', '203.0.113.7'],
    ['is the proxy’s where the proxy could not tell', 1, '9.9.9.9, unknown', '10.0.0.9'],
    ['is the next proxy’s where the outermost could not tell', 2, '9.9.9.9, _hidden, 10.0.0.5', '10.0.0.5'],
    ['is the proxy’s where it wrote nothing', 1, '', '10.0.0.9'],
    ['is no octal or shortened one', 1, '9.9.9.9, 0177.0.0.1', '10.0.0.9'],
    ['is no number that is too large', 1, '9.9.9.9, 203.0.113.700:80', '10.0.0.9'],
    ['is the first that there is of fewer proxies', 3, '203.0.113.7, 10.0.0.5', '203.0.113.7'],
    ['is the socket’s where no proxy is trusted', 0, '203.0.113.7', '10.0.0.9'],
  ])('%s', (_what, hops, header, expected) => {
    expect(behind(hops, header)).toBe(expected);
  });

  it('is the socket’s where there is no header, as IPv4 on a listener of both families', () => {
    expect(clientAddress(request({}, '::ffff:203.0.113.7'), 1)).toBe('203.0.113.7');
  });
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8::1', '2001:db8::'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (address, expected) => {
  expect(clientKey(address)).toBe(expected);
});

it.each<[number, string, string]>([
  [1, 'https', 'https'],
  [1, 'http, HTTPS', 'https'],
  [1, 'https, http', 'http'],
  [2, 'https, http', 'https'],
  [0, 'https', 'http'],
])('behind %d proxies that say %s people came by %s', (hops, header, expected) => {
  expect(clientScheme(request({ 'x-forwarded-proto': header }), hops)).toBe(expected);
});
