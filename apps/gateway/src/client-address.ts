import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address of the client: the socket's, or with trusted proxies in front, what the outermost of them saw.
 * Everything further left in X-Forwarded-For was written by the client itself and is not believed.
 */
export function clientAddress(request: IncomingMessage, trustedHops: number): string {
  const peer = request.socket.remoteAddress ?? 'unknown';
  if (trustedHops === 0) return peer;
  const header = request.headers['x-forwarded-for'];
  const hops = (typeof header === 'string' ? header : '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => isIP(hop) !== 0);
  return hops.at(-trustedHops) ?? hops[0] ?? peer;
}

/**
 * How the client reached the shop: by what the outermost trusted proxy saw, which may end TLS, else as this process did,
 * which speaks plain HTTP.
 */
export function clientScheme(request: IncomingMessage, trustedHops: number): 'http' | 'https' {
  if (trustedHops === 0) return 'http';
  const header = request.headers['x-forwarded-proto'];
  const hops = (typeof header === 'string' ? header : '').split(',').map((hop) => hop.trim().toLowerCase());
  return (hops.at(-trustedHops) ?? hops[0]) === 'https' ? 'https' : 'http';
}

/** The part of an address that one customer has for themselves: a whole IPv4 address, or an IPv6 /64. */
export function clientKey(address: string): string {
  if (isIP(address) !== 6) return address;
  if (address.startsWith('::ffff:')) return address.slice(7);
  return expand(address).slice(0, 4).join(':');
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
}
